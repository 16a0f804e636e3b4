using OpenCvSharp;

namespace Deploy;

/// <summary>Image files of any usual format.</summary>
internal static class Photo
{
    /// <summary>Red, green and blue of each pixel, upright: what the networks were trained on.</summary>
    /// <exception cref="InvalidDataException">It is no image.</exception>
    public static (byte[] Rgb, int Width, int Height) Read(string path)
    {
        using var image = Cv2.ImRead(path);
        if (image.Empty()) throw new InvalidDataException($"{path}: not an image");
        using var rgb = image.CvtColor(ColorConversionCodes.BGR2RGB).Reshape(1);
        rgb.GetArray(out byte[] pixels);
        return (pixels, image.Width, image.Height);
    }
}
