using OpenCvSharp;

namespace DataSsl.Runtime.Emitted;

/// <summary>Decodes image files as training's and evaluation's are: by OpenCV, upright, to red, green and blue of 8 bits, or to grey where
/// the file is that.</summary>
internal static class PictureFile
{
    // Red first, and upright where the file has an orientation; OpenCvSharp does not name it yet.
    private const ImreadModes Rgb = (ImreadModes)256;

    /// <summary>The pixels [height, width, channels] of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="channels">3, or 1 for files that are grey themselves.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <exception cref="InvalidDataException">OpenCV does not read it: it is damaged, or no image; or it is not grey.</exception>
    public static byte[] Read(string path, int channels, out int width, out int height)
    {
        try
        {
            return Decode(File.ReadAllBytes(path), channels, out width, out height);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>The same of what is left of a stream.</summary>
    public static byte[] Read(Stream file, int channels, out int width, out int height)
    {
        using var memory = new MemoryStream();
        file.CopyTo(memory);
        return Decode(memory.ToArray(), channels, out width, out height);
    }

    /// <summary>The same of a file's bytes.</summary>
    public static byte[] Decode(byte[] file, int channels, out int width, out int height)
    {
        if (file.Length == 0) throw new InvalidDataException("empty, and no image");
        Mat pixels;
        try
        {
            pixels = Cv2.ImDecode(file, channels == 1 ? ImreadModes.AnyColor : Rgb);
        }
        catch (OpenCVException e)
        {
            throw new InvalidDataException($"OpenCV does not decode the image ({e.ErrMsg})", e);
        }
        using (pixels)
        {
            if (pixels.Empty()) throw new InvalidDataException("damaged, or no image that OpenCV reads");
            if (pixels.Channels() != channels)
                throw new InvalidDataException($"an image of {pixels.Channels()} channels, where the network takes {channels}");
            (width, height) = (pixels.Width, pixels.Height);
            using var bytes = pixels.Reshape(1);
            bytes.GetArray(out byte[] rgb);
            return rgb;
        }
    }
}
