namespace DataSsl.Runtime.Data;

/// <summary>The frames of a WebP: of a still picture, or of each picture of an animation, whose canvas may say anything else.</summary>
internal static class WebPHeader
{
    // Two canvases and the frame of an animation, four bytes each; a still picture takes less. Measured with OpenCV 4.13, as all of these.
    private const double WorkingPerPixel = 12.5;

    private const int RiffLength = 12, ChunkFrame = 8, AnimationFrame = 16;

    /// <inheritdoc cref="ImageHeader.Read"/>
    public static ImageHeader Read(ImageBytes file, long maxPixels)
    {
        if (file.Length < 30) throw ImageHeader.Truncated(ImageFormat.WebP);
        var end = Math.Min(ChunkFrame + file.LittleLong(4), file.Length);
        var (width, height, largest) = (0L, 0L, 0L);
        for (var place = (long)RiffLength; place + ChunkFrame <= end;)
        {
            var content = place + ChunkFrame;
            var isFrame = true;
            var size = (0L, 0L);
            if (file.Has(place, "VP8X"u8)) size = (1 + file.LittleTriple(content + 4), 1 + file.LittleTriple(content + 7));
            else if (file.Has(place, "ANMF"u8)) size = (1 + file.LittleTriple(content + 6), 1 + file.LittleTriple(content + 9));
            else if (file.Has(place, "VP8L"u8) && file.LittleLong(content + 1) is var bits)
                size = (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF));
            else if (file.Has(place, "VP8 "u8)) size = (file.LittleShort(content + 6) & 0x3FFF, file.LittleShort(content + 8) & 0x3FFF);
            else isFrame = false;
            if (isFrame)
            {
                ImageHeader.Check(size.Item1, size.Item2, maxPixels);
                if (width == 0) (width, height) = size;
                largest = Math.Max(largest, size.Item1 * size.Item2);
            }
            else if (place == RiffLength) throw ImageHeader.Damaged(ImageFormat.WebP);
            // Inside the frame of an animation lie chunks again.
            var length = file.Has(place, "ANMF"u8) ? AnimationFrame : file.LittleLong(place + 4);
            place = content + length + length % 2;
        }
        return new(ImageFormat.WebP, width, height, end, WorkingPerPixel * largest);
    }
}
