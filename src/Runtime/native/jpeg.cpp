#include "images.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>
#include <jerror.h>

namespace datassl {

namespace {

struct ErrorManager {
    jpeg_error_mgr base;  // first, so that libjpeg's pointer to it is a pointer to this
    jmp_buf escape;
    Message message;
};

[[noreturn]] void on_error(j_common_ptr info) {
    auto* manager = reinterpret_cast<ErrorManager*>(info->err);
    char text[JMSG_LENGTH_MAX];
    info->err->format_message(info, text);
    fail(manager->message, text);
    longjmp(manager->escape, 1);
}

// A picture with missing data decodes to grey with a mere warning: that is a broken file, not a training image.
// Other warnings (odd markers, unknown versions) leave the pixels alone.
void on_message(j_common_ptr info, int level) {
    if (level >= 0) return;
    switch (info->err->msg_code) {
        case JWRN_JPEG_EOF:
        case JWRN_HIT_MARKER:
        case JWRN_HUFF_BAD_CODE:
        case JWRN_NOT_SEQUENTIAL: on_error(info);
        default: return;
    }
}

jpeg_error_mgr* handlers(ErrorManager* manager, Message message) {
    jpeg_std_error(&manager->base);
    manager->base.error_exit = on_error;
    manager->base.emit_message = on_message;
    manager->message = message;
    return &manager->base;
}

// The smallest of the cheap DCT scales (1/8, 1/4, 1/2) whose short side is still long enough.
unsigned scale_for(unsigned width, unsigned height, int min_short_side) {
    if (min_short_side <= 0) return 1;
    unsigned side = width < height ? width : height;
    for (unsigned denominator = 8; denominator > 1; denominator /= 2)
        if ((side + denominator - 1) / denominator >= static_cast<unsigned>(min_short_side)) return denominator;
    return 1;
}

// libjpeg-turbo gives CMYK as stored; Adobe's writers store it inverted.
void cmyk_to_rgb(const uint8_t* cmyk, uint8_t* rgb, unsigned width, bool inverted) {
    uint8_t flip = inverted ? 0 : 255;
    for (unsigned x = 0; x < width; x++, cmyk += 4, rgb += 3) {
        unsigned white = cmyk[3] ^ flip;
        for (int c = 0; c < 3; c++) rgb[c] = static_cast<uint8_t>(((cmyk[c] ^ flip) * white + 127) / 255);
    }
}

struct Decoder {
    jpeg_decompress_struct info;
    ErrorManager errors;
    uint8_t* row;  // one CMYK row, else null
};

void read(Decoder& d, Bytes bytes, int min_short_side, int* width, int* height, uint8_t* rgb) {
    jpeg_create_decompress(&d.info);
    jpeg_mem_src(&d.info, bytes.data, static_cast<unsigned long>(bytes.length));
    jpeg_read_header(&d.info, TRUE);
    if (static_cast<uint64_t>(d.info.image_width) * d.info.image_height > max_pixels) ERREXIT1(&d.info, JERR_IMAGE_TOO_BIG, JPEG_MAX_DIMENSION);

    bool cmyk = d.info.jpeg_color_space == JCS_CMYK || d.info.jpeg_color_space == JCS_YCCK;
    d.info.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
    d.info.scale_num = 1;
    d.info.scale_denom = scale_for(d.info.image_width, d.info.image_height, min_short_side);
    jpeg_calc_output_dimensions(&d.info);
    if (rgb == nullptr) {
        *width = static_cast<int>(d.info.output_width);
        *height = static_cast<int>(d.info.output_height);
        return;
    }
    // The size was told from the same bytes, so a difference is a caller's fault; it must not become an overflow.
    if (*width != static_cast<int>(d.info.output_width) || *height != static_cast<int>(d.info.output_height)) ERREXIT(&d.info, JERR_BAD_STATE);

    jpeg_start_decompress(&d.info);
    if (cmyk) {
        d.row = static_cast<uint8_t*>(malloc(size_t{4} * d.info.output_width));
        if (d.row == nullptr) ERREXIT1(&d.info, JERR_OUT_OF_MEMORY, 0);
    }
    while (d.info.output_scanline < d.info.output_height) {
        uint8_t* target = rgb + size_t{3} * d.info.output_width * d.info.output_scanline;
        JSAMPROW line = cmyk ? d.row : target;
        jpeg_read_scanlines(&d.info, &line, 1);
        if (cmyk) cmyk_to_rgb(d.row, target, d.info.output_width, d.info.saw_Adobe_marker);
    }
    jpeg_finish_decompress(&d.info);
}

struct Encoder {
    jpeg_compress_struct info;
    ErrorManager errors;
    uint8_t* data;
    unsigned long length;
};

void write(Encoder& e, const uint8_t* rgb, int width, int height, int quality) {
    jpeg_create_compress(&e.info);
    jpeg_mem_dest(&e.info, &e.data, &e.length);
    e.info.image_width = static_cast<JDIMENSION>(width);
    e.info.image_height = static_cast<JDIMENSION>(height);
    e.info.input_components = 3;
    e.info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&e.info);
    jpeg_set_quality(&e.info, quality, TRUE);
    e.info.optimize_coding = TRUE;
    jpeg_start_compress(&e.info, TRUE);
    while (e.info.next_scanline < e.info.image_height) {
        auto* line = const_cast<JSAMPROW>(rgb + size_t{3} * e.info.image_width * e.info.next_scanline);
        jpeg_write_scanlines(&e.info, &line, 1);
    }
    jpeg_finish_compress(&e.info);
}

}  // namespace

bool is_jpeg(Bytes bytes) {
    return bytes.length >= 3 && bytes.data[0] == 0xFF && bytes.data[1] == 0xD8 && bytes.data[2] == 0xFF;
}

int decode_jpeg(Bytes bytes, int min_short_side, int* width, int* height, uint8_t* rgb, Message message) {
    Decoder d{};
    d.info.err = handlers(&d.errors, message);
    int failed = guarded(d.errors.escape, [&] { read(d, bytes, min_short_side, width, height, rgb); });
    free(d.row);
    jpeg_destroy_decompress(&d.info);
    return failed;
}

int encode_jpeg(const uint8_t* rgb, int width, int height, int quality, Buffer* out, Message message) {
    Encoder e{};
    e.info.err = handlers(&e.errors, message);
    int failed = guarded(e.errors.escape, [&] { write(e, rgb, width, height, quality); });
    jpeg_destroy_compress(&e.info);
    out->data = e.data;
    out->length = e.length;
    return failed;
}

}  // namespace datassl
