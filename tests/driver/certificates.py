"""Throw-away certificates, made by the openssl command."""

import contextlib
import pathlib
import socket
import ssl
import subprocess
import threading
import warnings

NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
LOOPBACK = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def openssl(*arguments):
    made = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert made.returncode == 0, f"openssl {arguments[0]}: {made.stderr}"


class Authority:
    """An authority with its files in `folder`; `certificate` is what its peers trust."""

    def __init__(self, folder, name):
        self.folder, self.name = pathlib.Path(folder), name
        self.certificate, self._key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        openssl("req", "-x509", *NEW_KEY, "-keyout", self._key, "-out", self.certificate, "-days", 2, "-subj", f"/CN={name}")

    def issue(self, name, file=None, days=2, names=LOOPBACK):
        """A certificate for `name` on loopback, or for the alternative `names`, with its key, both in the file that is returned.
        It has expired when `days` is negative."""
        file = self.folder / f"{file or name}.pem"
        request, key, extension = (file.with_suffix(end) for end in (".csr", ".key", ".ext"))
        openssl("req", *NEW_KEY, "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        extension.write_text(names + "\n")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial",
                "-days", days, "-extfile", extension, "-out", file)
        file.write_text(key.read_text() + file.read_text() + self.certificate.read_text())
        return file


@contextlib.contextmanager
def old_tls(certificate):
    """A server on loopback that speaks no TLS later than 1.1; its port. It greets nobody and hangs up."""
    how = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    how.load_cert_chain(certificate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        how.minimum_version, how.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    how.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            while True:
                try:
                    one, _ = listener.accept()
                except OSError:
                    return
                with contextlib.suppress(OSError), one, how.wrap_socket(one, server_side=True):
                    pass
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def speaks_old_tls(port):
    """Whether a client that is content with TLS 1.1 is taken there."""
    how = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    how.check_hostname, how.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        how.minimum_version, how.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    how.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", port), 10) as plain, how.wrap_socket(plain) as made:
        return made.version() == "TLSv1.1"
