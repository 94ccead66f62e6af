#pragma once

#include <troupe/messages/settings/description.hpp>
#include <troupe/messages/values/tls_files.hpp>

namespace troupe {

template <class Visitor, settings::self_of<tls_files> Self>
void describe(Visitor& v, Self& files) {
  v.value("authorities", files.authorities, settings::text_or_none{});
  v.value("certificate", files.certificate, settings::text_or_none{});
  v.value("key", files.key, settings::text_or_none{});
}

} // namespace troupe
