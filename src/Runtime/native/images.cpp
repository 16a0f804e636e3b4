#include "images.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace datassl {

int fail(Message message, const char* text) {
    if (message.capacity > 0) snprintf(message.text, static_cast<size_t>(message.capacity), "%s", text);
    return 1;
}

bool Buffer::append(const uint8_t* from, size_t count) {
    if (count > capacity - length) {
        size_t wanted = capacity * 2 > length + count ? capacity * 2 : length + count + 4096;
        auto* grown = static_cast<uint8_t*>(realloc(data, wanted));
        if (grown == nullptr) return false;
        data = grown;
        capacity = wanted;
    }
    memcpy(data + length, from, count);
    length += count;
    return true;
}

}  // namespace datassl

using namespace datassl;

// The format is told by the content; a file's name says nothing.
static int decode(Bytes bytes, int min_short_side, int* width, int* height, uint8_t* rgb, Message message) {
    if (is_jpeg(bytes)) return decode_jpeg(bytes, min_short_side, width, height, rgb, message);
    if (is_png(bytes)) return decode_png(bytes, width, height, rgb, message);
    if (is_webp(bytes)) return decode_webp(bytes, width, height, rgb, message);
    if (is_tiff(bytes)) return decode_tiff(bytes, width, height, rgb, message);
    return fail(message, bytes.length == 0 ? "the file is empty" : "neither a JPEG, PNG, WebP, TIFF nor BMP");
}

DATASSL_EXPORT int datassl_image_size(
    const uint8_t* data, size_t length, int min_short_side, int* width, int* height, char* error, int capacity) {
    return decode({data, length}, min_short_side, width, height, nullptr, {error, capacity});
}

DATASSL_EXPORT int datassl_image_decode(
    const uint8_t* data, size_t length, int min_short_side, int width, int height, uint8_t* rgb, char* error, int capacity) {
    return decode({data, length}, min_short_side, &width, &height, rgb, {error, capacity});
}

// `format` is 'j' or 'p'; the bytes handed out are given back through datassl_image_free.
DATASSL_EXPORT int datassl_image_encode(
    const uint8_t* rgb, int width, int height, int format, int quality, uint8_t** data, size_t* length, char* error, int capacity) {
    Buffer out;
    Message message{error, capacity};
    int failed = format == 'j' ? encode_jpeg(rgb, width, height, quality, &out, message)
                               : encode_png(rgb, width, height, &out, message);
    if (failed) {
        free(out.data);
        out = {};
    }
    *data = out.data;
    *length = out.length;
    return failed;
}

DATASSL_EXPORT void datassl_image_free(uint8_t* data) { free(data); }
