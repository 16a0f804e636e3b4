namespace DataSsl.Runtime.Data;

/// <summary>The header of a bitmap.</summary>
internal static class BmpHeader
{
    private const double WorkingPerPixel = 3.5;

    /// <inheritdoc cref="ImageHeader.Read"/>
    public static ImageHeader Read(ImageBytes file)
    {
        if (file.Length < 26) throw ImageHeader.Truncated(ImageFormat.Bmp);
        // The oldest header has 16 bits for each; a negative height means rows from the top.
        var (width, height) = file.LittleLong(14) == 12
            ? (file.LittleShort(18), file.LittleShort(20))
            : ((int)file.LittleLong(18), Math.Abs((long)(int)file.LittleLong(22)));
        return new(ImageFormat.Bmp, width, height, file.Length, WorkingPerPixel * width * height);
    }
}
