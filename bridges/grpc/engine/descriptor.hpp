#pragma once

#include <utility>

#include <unistd.h>

namespace troupe::grpc {

/// A file descriptor that is closed with its owner.
class descriptor {
public:
  descriptor() noexcept = default;
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(other.release()) {}
  descriptor& operator=(descriptor&& other) noexcept {
    descriptor{std::move(other)}.swap(*this);
    return *this;
  }
  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }

  [[nodiscard]] explicit operator bool() const noexcept { return number_ >= 0; }
  [[nodiscard]] int get() const noexcept { return number_; }

  /// Releases it to a new owner, which closes it.
  [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }

private:
  void swap(descriptor& other) noexcept { std::swap(number_, other.number_); }

  int number_ = -1;
};

} // namespace troupe::grpc
