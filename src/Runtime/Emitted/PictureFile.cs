using OpenCvSharp;

namespace DataSsl.Runtime.Emitted;

/// <summary>Decodes image files as training's and evaluation's are: by OpenCV, upright, to red, green and blue of 8 bits.</summary>
internal static class PictureFile
{
    // Red first, and upright where the file has an orientation; OpenCvSharp does not name it yet.
    private const ImreadModes Rgb = (ImreadModes)256;

    /// <summary>The pixels [height, width, 3] of a file.</summary>
    /// <exception cref="InvalidDataException">OpenCV does not read it: it is damaged, or no image.</exception>
    public static byte[] Read(string path, out int width, out int height)
    {
        try
        {
            return Decode(File.ReadAllBytes(path), out width, out height);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>The same of what is left of a stream.</summary>
    public static byte[] Read(Stream file, out int width, out int height)
    {
        using var memory = new MemoryStream();
        file.CopyTo(memory);
        return Decode(memory.ToArray(), out width, out height);
    }

    /// <summary>The same of a file's bytes.</summary>
    public static byte[] Decode(byte[] file, out int width, out int height)
    {
        if (file.Length == 0) throw new InvalidDataException("empty, and no image");
        Mat pixels;
        try
        {
            pixels = Cv2.ImDecode(file, Rgb);
        }
        catch (OpenCVException e)
        {
            throw new InvalidDataException($"OpenCV does not decode the image ({e.ErrMsg})", e);
        }
        using (pixels)
        {
            if (pixels.Empty()) throw new InvalidDataException("damaged, or no image that OpenCV reads");
            (width, height) = (pixels.Width, pixels.Height);
            using var bytes = pixels.Reshape(1);
            bytes.GetArray(out byte[] rgb);
            return rgb;
        }
    }
}
