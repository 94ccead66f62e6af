"""What the reference platform answers: its services' greetings and their orders."""

PRE_ORDER = ["Service-A", "Service-B", "Service-D", "Service-E", "Service-G", "Service-H", "Service-C"]
POST_ORDER = ["Service-D", "Service-G", "Service-H", "Service-E", "Service-B", "Service-C", "Service-A"]
TEXTS = {
    "Service-A": "Hello, from Service-A!", "Service-B": "Namaste, from Service-B!", "Service-C": "Konnichiwa, from Service-C!",
    "Service-D": "Shalom, from Service-D!", "Service-E": "Bonjour, de Service-E!", "Service-G": "Ahlan, from Service-G!",
    "Service-H": "Ciao, from Service-H!",
}
