#include "images.h"

#include <csetjmp>
#include <cstdlib>
#include <cstring>

#include <png.h>

namespace datassl {

namespace {

struct Codec {
    png_structp png;
    png_infop info;
    uint8_t** rows;
    Message message;
    Bytes input;  // what is left to read
    Buffer* output;
};

[[noreturn]] void on_error(png_structp png, png_const_charp text) {
    fail(static_cast<Codec*>(png_get_error_ptr(png))->message, text);
    png_longjmp(png, 1);
}

// Warnings are about ancillary chunks (profiles, times), which do not touch the pixels.
void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep target, size_t count) {
    auto* codec = static_cast<Codec*>(png_get_io_ptr(png));
    if (count > codec->input.length) png_error(png, "the file is truncated");
    memcpy(target, codec->input.data, count);
    codec->input.data += count;
    codec->input.length -= count;
}

void on_write(png_structp png, png_bytep from, size_t count) {
    if (!static_cast<Codec*>(png_get_io_ptr(png))->output->append(from, count)) png_error(png, "out of memory");
}

void on_flush(png_structp) {}

void point_rows(Codec& c, uint8_t* rgb, size_t width, size_t height) {
    c.rows = static_cast<uint8_t**>(malloc(height * sizeof(uint8_t*)));
    if (c.rows == nullptr) png_error(c.png, "out of memory");
    for (size_t y = 0; y < height; y++) c.rows[y] = rgb + 3 * width * y;
}

void add_info(Codec& c) {
    c.info = png_create_info_struct(c.png);
    if (c.info == nullptr) png_error(c.png, "out of memory");
}

void read(Codec& c, int* width, int* height, uint8_t* rgb) {
    add_info(c);
    png_set_read_fn(c.png, &c, on_read);
    png_set_user_limits(c.png, 1 << 20, 1 << 20);
    png_read_info(c.png, c.info);
    png_uint_32 columns = png_get_image_width(c.png, c.info), lines = png_get_image_height(c.png, c.info);
    if (static_cast<uint64_t>(columns) * lines > max_pixels) png_error(c.png, "more than 134 megapixels");
    if (rgb == nullptr) {
        *width = static_cast<int>(columns);
        *height = static_cast<int>(lines);
        return;
    }
    if (*width != static_cast<int>(columns) || *height != static_cast<int>(lines)) png_error(c.png, "the size has changed since it was read");

    // 16 bits keep their high byte, grey and palette become RGB, transparency is dropped: the same pixels that Pillow's convert("RGB")
    // gives, which is what the field trains on. Colour profiles and gamma are not applied, for the same reason.
    png_set_strip_16(c.png);
    png_set_palette_to_rgb(c.png);
    png_set_expand_gray_1_2_4_to_8(c.png);
    png_set_gray_to_rgb(c.png);
    png_set_strip_alpha(c.png);
    png_set_interlace_handling(c.png);
    png_read_update_info(c.png, c.info);
    if (png_get_rowbytes(c.png, c.info) != size_t{3} * columns) png_error(c.png, "an unknown pixel layout");
    point_rows(c, rgb, columns, lines);
    png_read_image(c.png, c.rows);
    png_read_end(c.png, nullptr);
}

void write(Codec& c, const uint8_t* rgb, int width, int height) {
    add_info(c);
    png_set_write_fn(c.png, &c, on_write, on_flush);
    png_set_IHDR(c.png, c.info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    point_rows(c, const_cast<uint8_t*>(rgb), static_cast<size_t>(width), static_cast<size_t>(height));
    png_write_info(c.png, c.info);
    png_write_image(c.png, c.rows);
    png_write_end(c.png, nullptr);
}

}  // namespace

bool is_png(Bytes bytes) { return bytes.length >= 8 && png_sig_cmp(bytes.data, 0, 8) == 0; }

int decode_png(Bytes bytes, int* width, int* height, uint8_t* rgb, Message message) {
    Codec c{};
    c.message = message;
    c.input = bytes;
    c.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &c, on_error, on_warning);
    if (c.png == nullptr) return fail(message, "libpng could not start");
    int failed = guarded(png_jmpbuf(c.png), [&] { read(c, width, height, rgb); });
    free(c.rows);
    png_destroy_read_struct(&c.png, &c.info, nullptr);
    return failed;
}

int encode_png(const uint8_t* rgb, int width, int height, Buffer* out, Message message) {
    Codec c{};
    c.message = message;
    c.output = out;
    c.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &c, on_error, on_warning);
    if (c.png == nullptr) return fail(message, "libpng could not start");
    int failed = guarded(png_jmpbuf(c.png), [&] { write(c, rgb, width, height); });
    free(c.rows);
    png_destroy_write_struct(&c.png, &c.info);
    return failed;
}

}  // namespace datassl
