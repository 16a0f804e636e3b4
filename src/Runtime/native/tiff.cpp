#include "images.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <tiffio.h>

namespace datassl {

namespace {

struct Source {
    Bytes bytes;
    uint64_t position;
};

// libtiff tells errors to one handler of the process; the thread that decodes is the one that hears.
thread_local Message* listener = nullptr;

void on_error(const char*, const char* format, va_list arguments) {
    // The first is the cause, later ones are its consequences.
    if (listener != nullptr && listener->capacity > 0 && listener->text[0] == '\0')
        vsnprintf(listener->text, static_cast<size_t>(listener->capacity), format, arguments);
}

tmsize_t on_read(thandle_t handle, void* target, tmsize_t wanted) {
    auto* source = static_cast<Source*>(handle);
    uint64_t left = source->position < source->bytes.length ? source->bytes.length - source->position : 0;
    auto count = static_cast<uint64_t>(wanted) < left ? static_cast<uint64_t>(wanted) : left;
    memcpy(target, source->bytes.data + source->position, count);
    source->position += count;
    return static_cast<tmsize_t>(count);
}

tmsize_t on_write(thandle_t, void*, tmsize_t) { return 0; }

toff_t on_seek(thandle_t handle, toff_t offset, int whence) {
    auto* source = static_cast<Source*>(handle);
    source->position = whence == SEEK_SET ? offset : whence == SEEK_CUR ? source->position + offset : source->bytes.length + offset;
    return source->position;
}

int on_close(thandle_t) { return 0; }

toff_t on_size(thandle_t handle) { return static_cast<Source*>(handle)->bytes.length; }

int read(TIFF* tiff, int* width, int* height, uint8_t* rgb, Message message) {
    uint32_t columns = 0, lines = 0;
    uint16_t samples = 1;
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &columns);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &lines);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
    if (columns == 0 || lines == 0) return fail(message, "the TIFF file holds no picture");
    if (static_cast<uint64_t>(columns) * lines > max_pixels) return fail(message, "more than 134 megapixels");
    if (samples > 8) return fail(message, "a TIFF of more than 8 channels");
    if (rgb == nullptr) {
        *width = static_cast<int>(columns);
        *height = static_cast<int>(lines);
        return 0;
    }
    if (*width != static_cast<int>(columns) || *height != static_cast<int>(lines)) return fail(message, "the size has changed since it was read");

    // Transparency is dropped, as for PNGs: called associated, it leaves the colours as they are stored.
    if (samples == 4 || samples == 2) {
        uint16_t kind = EXTRASAMPLE_ASSOCALPHA, count = 0, *kinds = nullptr;
        if (TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) && count == 1) TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind);
    }
    TIFFRGBAImage image;
    char text[1024] = "";
    if (!TIFFRGBAImageOK(tiff, text) || !TIFFRGBAImageBegin(&image, tiff, 1, text)) return fail(message, text);
    // As stored: turning it upright is done in one place for all formats.
    image.req_orientation = image.orientation;
    auto* raster = static_cast<uint32_t*>(calloc(size_t{columns} * lines, sizeof(uint32_t)));
    int done = raster != nullptr && TIFFRGBAImageGet(&image, raster, columns, lines);
    TIFFRGBAImageEnd(&image);
    for (size_t i = 0; done && i < size_t{columns} * lines; i++, rgb += 3) {
        rgb[0] = static_cast<uint8_t>(TIFFGetR(raster[i]));
        rgb[1] = static_cast<uint8_t>(TIFFGetG(raster[i]));
        rgb[2] = static_cast<uint8_t>(TIFFGetB(raster[i]));
    }
    free(raster);
    return done ? 0 : 1;
}

}  // namespace

bool is_tiff(Bytes bytes) {
    return bytes.length >= 4 && (memcmp(bytes.data, "II*\0", 4) == 0 || memcmp(bytes.data, "MM\0*", 4) == 0);
}

int decode_tiff(Bytes bytes, int* width, int* height, uint8_t* rgb, Message message) {
    static const bool quiet = (TIFFSetErrorHandler(on_error), TIFFSetWarningHandler(nullptr), true);
    static_cast<void>(quiet);
    if (message.capacity > 0) message.text[0] = '\0';
    listener = &message;
    Source source{bytes, 0};
    // 'm': no mapping, which the callbacks do not offer.
    TIFF* tiff = TIFFClientOpen("picture", "rm", &source, on_read, on_write, on_seek, on_close, on_size, nullptr, nullptr);
    int failed = tiff == nullptr ? 1 : read(tiff, width, height, rgb, message);
    if (tiff != nullptr) TIFFClose(tiff);
    listener = nullptr;
    // A strip that does not decode is told as an error even where the rest of the picture was made.
    bool complained = message.capacity > 0 && message.text[0] != '\0';
    if (failed && !complained) return fail(message, "the TIFF file is damaged");
    return failed || complained ? 1 : 0;
}

}  // namespace datassl
