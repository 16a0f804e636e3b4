using LibTiff = BitMiracle.LibTiff.Classic;

namespace DataSsl.Runtime.Data;

/// <summary>
/// Hears what LibTiff.NET says of a file, which would otherwise be printed, and after which it goes on where it can make up the rest of a
/// picture: a broken file is no training image. The library has one listener a process, and calls it on the thread that reads.
/// </summary>
internal sealed class TiffComplaints : LibTiff.TiffErrorHandler
{
    private const string Short = "Not enough data";

    [ThreadStatic]
    private static InvalidDataException? first;

    private static readonly Lazy<LibTiff.TiffErrorHandler> before = new(() => LibTiff.Tiff.SetErrorHandler(new TiffComplaints()));

    private TiffComplaints()
    {
    }

    /// <summary>What the first complaint of this thread since <see cref="Forget"/> comes to; null for none.</summary>
    public static InvalidDataException? First => first;

    /// <summary>Starts anew on this thread.</summary>
    public static void Forget()
    {
        _ = before.Value;
        first = null;
    }

    /// <inheritdoc/>
    public override void ErrorHandler(LibTiff.Tiff tif, string method, string format, params object[] args) =>
        first ??= format.Contains(Short, StringComparison.Ordinal)
            ? ImageHeader.Truncated(ImageFormat.Tiff)
            : ImageHeader.Damaged(ImageFormat.Tiff);

    /// <summary>Of fields that it does not know, say, which do no harm; not so what its JPEG decoder fills up with grey.</summary>
    public override void WarningHandler(LibTiff.Tiff tif, string method, string format, params object[] args)
    {
        if (args.OfType<string>().Any(JpegWarnings.IsDamage)) first ??= ImageHeader.Damaged(ImageFormat.Tiff);
    }
}
