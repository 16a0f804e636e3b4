#include "images.h"

#include <cstring>

#include <webp/decode.h>

namespace datassl {

namespace {

const char* reason(VP8StatusCode status) {
    switch (status) {
        case VP8_STATUS_OUT_OF_MEMORY: return "out of memory";
        case VP8_STATUS_SUSPENDED:
        case VP8_STATUS_NOT_ENOUGH_DATA: return "the WebP file is truncated";
        default: return "the WebP file is damaged";
    }
}

}  // namespace

bool is_webp(Bytes bytes) { return bytes.length >= 12 && memcmp(bytes.data, "RIFF", 4) == 0 && memcmp(bytes.data + 8, "WEBP", 4) == 0; }

// Transparency is dropped, as for PNGs.
int decode_webp(Bytes bytes, int* width, int* height, uint8_t* rgb, Message message) {
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) return fail(message, "libwebp is of another version than the one built against");
    VP8StatusCode status = WebPGetFeatures(bytes.data, bytes.length, &config.input);
    if (status != VP8_STATUS_OK) return fail(message, reason(status));
    if (config.input.has_animation) return fail(message, "an animated WebP, which is no single picture");
    if (rgb == nullptr) {
        *width = config.input.width;
        *height = config.input.height;
        return 0;
    }
    if (*width != config.input.width || *height != config.input.height) return fail(message, "the size has changed since it was read");
    config.output.colorspace = MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = rgb;
    config.output.u.RGBA.stride = 3 * *width;
    config.output.u.RGBA.size = size_t{3} * static_cast<size_t>(*width) * static_cast<size_t>(*height);
    status = WebPDecode(bytes.data, bytes.length, &config);
    WebPFreeDecBuffer(&config.output);
    return status == VP8_STATUS_OK ? 0 : fail(message, reason(status));
}

}  // namespace datassl
