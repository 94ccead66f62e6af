#pragma once

#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

namespace troupe_test {

/// A file that a test writes: "syntax" and the import of the options stand in its first two lines.
class declared {
public:
  explicit declared(const std::string& text)
    : tree_("syntax = \"proto3\"; package test;\nimport \"google/api/annotations.proto\";\n" + text),
      importer_(&tree_, &complaints_),
      file_(importer_.Import("test.proto")) {
    if (file_ == nullptr)
      throw std::invalid_argument{complaints_.text};
  }

  [[nodiscard]] const google::protobuf::ServiceDescriptor* service(int number = 0) const { return file_->service(number); }

private:
  struct complaints : google::protobuf::compiler::MultiFileErrorCollector {
    std::string text;
    void AddError(const std::string& name, int line, int /*column*/, const std::string& reason) override {
      text += name + ':' + std::to_string(line + 1) + ": " + reason + '\n';
    }
  };

  struct source_tree : google::protobuf::compiler::SourceTree {
    explicit source_tree(std::string written) : text(std::move(written)) {
      std::istringstream folders{TROUPE_PROTO_FOLDERS};
      for (std::string folder; std::getline(folders, folder, ':');)
        disk.MapPath("", folder);
    }
    google::protobuf::io::ZeroCopyInputStream* Open(const std::string& name) override {
      if (name != "test.proto")
        return disk.Open(name);
      return new google::protobuf::io::ArrayInputStream(text.data(), static_cast<int>(text.size())); // the importer's
    }
    std::string text;
    google::protobuf::compiler::DiskSourceTree disk;
  };

  source_tree tree_;
  complaints complaints_;
  google::protobuf::compiler::Importer importer_;
  const google::protobuf::FileDescriptor* file_;
};

} // namespace troupe_test
