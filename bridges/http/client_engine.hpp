#pragma once

#include <memory>

namespace troupe::http {

class client_inbox;

/// The one I/O thread of all HTTP clients of a process. Owned by the program, which gives its inbox to every client. Its end
/// fails with `shutting_down` what is under way, closes every connection, and then joins the thread; clients may outlive
/// it, and fail calls at once from then on.
class client_engine {
public:
  client_engine();
  ~client_engine();
  client_engine(const client_engine&) = delete;
  client_engine& operator=(const client_engine&) = delete;

  [[nodiscard]] const std::shared_ptr<client_inbox>& inbox() const noexcept { return inbox_; }

private:
  class impl;
  std::unique_ptr<impl> impl_;
  std::shared_ptr<client_inbox> inbox_;
};

} // namespace troupe::http
