using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using OpenCvSharp;

namespace DataSsl.Runtime.Data;

/// <summary>Decodes and encodes pictures with OpenCV, on the calling thread: the work is parallel over pictures.</summary>
internal static unsafe class OpenCv
{
    // Three channels as red, green, blue; OpenCvSharp does not name it yet.
    private const ImreadModes Rgb = (ImreadModes)256;

    // Pixels that a core's caches hold, about, and how many of them come at once.
    private const int CacheLength = 4 << 20, CacheLine = 64;

    private static readonly Lazy<bool> started = new(Start);

    /// <summary>
    /// Decodes a picture to what a person sees: upright, transparency dropped; the first one of several. Red, green and blue of 8 bits, or
    /// the bands and bits of another format.
    /// </summary>
    /// <param name="file">The file up to the header's end; what OpenCV would not understand of its notes may be changed there.</param>
    /// <param name="header">What was read of it.</param>
    /// <param name="minShortSide">A JPEG decodes at 1/2, 1/4 or 1/8 of its size while its short side stays at least this long; 0 for full
    /// size.</param>
    /// <param name="format">What a pixel is to hold. Pictures of one band are grey in their file; of three whatever it has becomes red,
    /// green and blue; of four it has a transparency, which is the last.</param>
    /// <exception cref="InvalidDataException">The bytes are no complete picture of a format that is read, or not of such bands.</exception>
    public static DecodedImage Decode(Span<byte> file, ImageHeader header, int minShortSide, PixelFormat format)
    {
        _ = started.Value;
        if (header.Format == ImageFormat.Tiff) DropTransparency(file, header);
        if (header.Format == ImageFormat.WebP) BareExif(file);
        if (header.Format == ImageFormat.Png) file = PngHeader.Bare(file);
        var mat = Decode(file, Modes(header, file, minShortSide, format), ImageHeader.NameOf(header.Format), format);
        var pixels = new Pixels(mat).Memory;
        if (header.Format == ImageFormat.Jpeg) BringNear(pixels.Span);
        return new(new(mat.Width, mat.Height, pixels) { Format = format }, mat);
    }

    /// <summary>Bytes that decoding may take at its peak, the file and a copy of the picture included.</summary>
    /// <inheritdoc cref="Decode(Span{byte}, ImageHeader, int, PixelFormat)"/>
    public static double Need(ImageHeader header, int minShortSide, PixelFormat format)
    {
        const int alwaysAbout = 1 << 20;
        var by = Reduction(header, minShortSide);
        var picture = (double)format.Bytes * ((header.Width + by - 1) / by) * ((header.Height + by - 1) / by);
        // What decoding works with is gone when the picture is turned upright, or copied to be kept.
        return header.End + alwaysAbout + picture + Math.Max(picture, header.Working);
    }

    /// <summary>Encodes what people are shown as PNG, or as JPEG of a quality in 1..100; grey of 8 bits as grey.</summary>
    public static byte[] Encode(Image image, bool jpeg, int quality)
    {
        _ = started.Value;
        var isGrey = image.Format == new PixelFormat(1, 8);
        fixed (byte* pixels = (isGrey ? image.Pixels : image.Rgb).Span)
        {
            using var rgb = Mat.FromPixelData(image.Height, image.Width, isGrey ? MatType.CV_8UC1 : MatType.CV_8UC3, (nint)pixels);
            using var bgr = new Mat();
            if (isGrey) rgb.CopyTo(bgr);
            else Cv2.CvtColor(rgb, bgr, ColorConversionCodes.RGB2BGR);
            Cv2.ImEncode(
                jpeg ? ".jpg" : ".png", bgr, out var bytes,
                jpeg ? [new(ImwriteFlags.JpegQuality, quality), new(ImwriteFlags.JpegOptimize, 1)] : Array.Empty<ImageEncodingParam>());
            return bytes;
        }
    }

    private static bool Start()
    {
        try
        {
            Cv2.SetNumThreads(1);
        }
        catch (TypeInitializationException e) when (e.InnerException is DllNotFoundException missing)
        {
            throw new UserException(
                "images are read by OpenCV, and its library OpenCvSharpExtern is not beside the program or cannot be loaded; docs/data.md "
                    + "says which package brings it "
                + $"({missing.Message.Split('\n')[0]})", e);
        }
        // What it has to say of a file comes as an error of ours.
        Cv2.SetLogLevel(LogLevel.SILENT);
        if (OperatingSystem.IsLinux())
        {
            var library = NativeLibrary.Load("OpenCvSharpExtern", typeof(Cv2).Assembly, null);
            var inside = NativeLibrary.GetExport(library, "core_setNumThreads");
            JpegWarnings.Listen(library, inside);
            // libpng writes to the error output by itself, whatever OpenCV's level.
            foreach (var function in new[] { "fprintf", "fputc" }) CallTable.Silence(inside, function);
        }
        return true;
    }

    private static ImreadModes Modes(ImageHeader header, ReadOnlySpan<byte> file, int minShortSide, PixelFormat format)
    {
        // As stored: it alone keeps transparency, and knows neither orientations nor smaller sizes.
        if (format.Bands == 4) return ImreadModes.Unchanged;
        var isRedFirst = RedIsFirst(header.Format, file);
        var colours = format.Bands != 3 ? ImreadModes.AnyColor
            // It does not turn 16 bits of every kind of file.
            : format.Bits == 8 && !isRedFirst || format.Bits == 16 && isRedFirst ? Rgb
            : ImreadModes.Color;
        return colours | (format == PixelFormat.Rgb ? 0 : ImreadModes.AnyDepth) | Mode(Reduction(header, minShortSide));
    }

    private static Mat Decode(ReadOnlySpan<byte> file, ImreadModes modes, string kind, PixelFormat format)
    {
        Mat? mat = null;
        try
        {
            fixed (byte* bytes = file)
            {
                using var source = Mat.FromPixelData(1, file.Length, MatType.CV_8UC1, (nint)bytes);
                JpegWarnings.Forget();
                mat = Cv2.ImDecode(source, modes);
            }
            if (JpegWarnings.Damage is { } damage) throw new InvalidDataException(damage);
            if (mat.Empty()) throw new InvalidDataException($"the {kind} file is truncated, damaged or of a kind that is not read");
            if (mat.Depth() is not (MatType.CV_8U or MatType.CV_16U) || !mat.IsContinuous())
                throw new InvalidDataException($"a {kind} file of an unknown pixel layout");
            if (mat.Channels() != format.Bands) throw ImageHeader.Bands(kind, mat.Channels(), format.Bands);
            return Brought(mat, format);
        }
        catch (Exception e) when (e is InvalidDataException or OpenCVException)
        {
            mat?.Dispose();
            throw e as InvalidDataException
                ?? new InvalidDataException($"OpenCV cannot decode the {kind} file: {((OpenCVException)e).ErrMsg}", e);
        }
    }

    /// <summary>
    /// The picture in as many bits as are asked for: of 16 the high byte, of 8 what stands for the same share of the largest value; and red
    /// first, where OpenCV has blue.
    /// </summary>
    private static Mat Brought(Mat mat, PixelFormat format)
    {
        const int eightBits = byte.MaxValue + 2;
        var isDeep = mat.Depth() == MatType.CV_16U;
        if (isDeep != (format.Bits == 16))
        {
            var other = new Mat();
            using (mat)
            {
                if (isDeep)
                {
                    // ConvertTo rounds, and the high byte of a value is no rounded one.
                    other.Create(mat.Size(), MatType.CV_8UC(format.Bands));
                    var from = new ReadOnlySpan<ushort>(mat.DataPointer, (int)mat.Total() * format.Bands);
                    var to = new Span<byte>(other.DataPointer, from.Length);
                    for (var i = 0; i < to.Length; i++) to[i] = (byte)(from[i] >> 8);
                }
                else mat.ConvertTo(other, MatType.CV_16UC(format.Bands), eightBits);
            }
            mat = other;
        }
        if (format.Bands == 4) Cv2.CvtColor(mat, mat, ColorConversionCodes.BGRA2RGBA);
        if (format is { Bands: 3, Bits: 16 }) Cv2.CvtColor(mat, mat, ColorConversionCodes.BGR2RGB);
        return mat;
    }

    /// <summary>
    /// libjpeg writes rows that begin at a multiple of 32 bytes past the caches, and OpenCV gives it such. A look at each line of them, in
    /// order, brings the picture back: at a third of the time that is lost when a view's sums over rows are the first to look.
    /// </summary>
    private static void BringNear(ReadOnlySpan<byte> pixels)
    {
        if (pixels.Length > CacheLength) return;
        for (var i = 0; i < pixels.Length; i += CacheLine) _ = Volatile.Read(in pixels[i]);
    }

    /// <summary>By how much a JPEG decodes smaller.</summary>
    private static int Reduction(ImageHeader header, int minShortSide)
    {
        if (header.Format != ImageFormat.Jpeg || minShortSide <= 0) return 1;
        var side = Math.Min(header.Width, header.Height);
        foreach (var by in new[] { 8, 4, 2 })
            if ((side + by - 1) / by >= minShortSide) return by;
        return 1;
    }

    /// <summary>The flags of the grey reductions say by how much; colour is said apart.</summary>
    private static ImreadModes Mode(int reduction) => reduction switch
    {
        8 => ImreadModes.ReducedGrayscale8,
        4 => ImreadModes.ReducedGrayscale4,
        2 => ImreadModes.ReducedGrayscale2,
        _ => 0,
    };

    /// <summary>
    /// OpenCV lays a TIFF's colours on black where they are transparent. Called associated, which means that this was done before, they
    /// stay as they are stored, as those of other formats do.
    /// </summary>
    private static void DropTransparency(Span<byte> file, ImageHeader header)
    {
        const byte associated = 1, unassociated = 2;
        if (header.Alpha is { } place && file[(int)place] == unassociated) file[(int)place] = associated;
    }

    /// <summary>Some writers put JPEG's mark in front of a WebP's EXIF; OpenCV looks for it without.</summary>
    private static void BareExif(Span<byte> file)
    {
        var mark = "Exif\0\0"u8;
        for (var chunk = file[12..]; chunk.Length >= 8;)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (length > chunk.Length - 8) return;
            var content = chunk.Slice(8, (int)length);
            if (chunk.StartsWith("EXIF"u8) && content.StartsWith(mark)) content[mark.Length..].CopyTo(content);
            chunk = chunk[(int)Math.Min(chunk.Length, 8 + (long)length + length % 2)..];
        }
    }

    /// <summary>Whether a bitmap of 32 bits says that red is its first byte, where blue is as a rule; OpenCV does not look.</summary>
    /// <exception cref="InvalidDataException">Its colours lie neither way.</exception>
    private static bool RedIsFirst(ImageFormat format, ReadOnlySpan<byte> file)
    {
        const int masked = 3, maskedWithAlpha = 6;
        if (format != ImageFormat.Bmp || file.Length < 66 || file[14] < 40 || file[28] != 32 || file[30] is not (masked or maskedWithAlpha))
            return false;
        Span<uint> masks =
        [
            BinaryPrimitives.ReadUInt32LittleEndian(file[54..]), BinaryPrimitives.ReadUInt32LittleEndian(file[58..]),
            BinaryPrimitives.ReadUInt32LittleEndian(file[62..]),
        ];
        if (masks.SequenceEqual([0xFF0000u, 0xFF00u, 0xFFu])) return false;
        return masks.SequenceEqual([0xFFu, 0xFF00u, 0xFF0000u])
            ? true
            : throw new InvalidDataException("a BMP with unusual colour masks, which is not read");
    }

    /// <summary>A matrix's bytes, until it is disposed.</summary>
    private sealed class Pixels(Mat mat) : MemoryManager<byte>
    {
        private readonly int length = checked((int)mat.ElemSize() * mat.Width * mat.Height);

        public override Span<byte> GetSpan() => new(mat.DataPointer, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(mat.DataPointer + elementIndex);

        public override void Unpin() { }

        protected override void Dispose(bool disposing) { }
    }
}
