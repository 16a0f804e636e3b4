namespace DataSsl.Runtime.Data;

/// <summary>The screen of a GIF, which its pictures are laid on.</summary>
internal static class GifHeader
{
    private const double WorkingPerPixel = 5.5;

    /// <inheritdoc cref="ImageHeader.Read"/>
    public static ImageHeader Read(ImageBytes file)
    {
        var (width, height) = (file.LittleShort(6), file.LittleShort(8));
        return new(ImageFormat.Gif, width, height, file.Length, WorkingPerPixel * width * height);
    }
}
