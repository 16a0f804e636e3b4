// The C surface between DataSsl.Runtime and libjpeg-turbo, libpng, libtiff and libwebp, and what its files share.
//
// Rules that keep bad input from doing harm:
//  - The caller asks for the size, allocates, then decodes into its own memory; nothing but the encoders hands memory over.
//  - libjpeg and libpng report errors by longjmp. No function between a setjmp and its longjmp owns anything with a destructor;
//    what must be freed hangs on a plain struct in the frame above the one that called setjmp, so its value after a jump is defined.
//  - Every function returns 0 when it is done, else 1 with one line of text in `error`.
#pragma once

#include <csetjmp>
#include <cstddef>
#include <cstdint>

#define DATASSL_EXPORT extern "C" __attribute__((visibility("default")))

namespace datassl {

// A larger picture is refused: a few bytes of a crafted header must not allocate gigabytes.
constexpr uint64_t max_pixels = uint64_t{1} << 27;

struct Message {
    char* text;
    int capacity;
};

struct Bytes {
    const uint8_t* data;
    size_t length;
};

// Grows by doubling; freed with free().
struct Buffer {
    uint8_t* data = nullptr;
    size_t length = 0;
    size_t capacity = 0;

    bool append(const uint8_t* from, size_t count);
};

int fail(Message message, const char* text);

// Runs `action`; 1 when it left through `escape`. Never inlined: nothing of this frame changes between setjmp and longjmp.
template <typename Action>
__attribute__((noinline)) int guarded(jmp_buf& escape, const Action& action) {
    if (setjmp(escape)) return 1;
    action();
    return 0;
}

bool is_jpeg(Bytes bytes);
bool is_png(Bytes bytes);
bool is_tiff(Bytes bytes);
bool is_webp(Bytes bytes);

// `rgb` null: only the size is read. Else it must hold 3 * width * height bytes of the size told before.
int decode_jpeg(Bytes bytes, int min_short_side, int* width, int* height, uint8_t* rgb, Message message);
int decode_png(Bytes bytes, int* width, int* height, uint8_t* rgb, Message message);
int decode_tiff(Bytes bytes, int* width, int* height, uint8_t* rgb, Message message);
int decode_webp(Bytes bytes, int* width, int* height, uint8_t* rgb, Message message);

int encode_jpeg(const uint8_t* rgb, int width, int height, int quality, Buffer* out, Message message);
int encode_png(const uint8_t* rgb, int width, int height, Buffer* out, Message message);

}  // namespace datassl
