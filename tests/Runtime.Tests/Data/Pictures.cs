using System.Runtime.InteropServices;
using DataSsl.Runtime.Data;
using OpenCvSharp;

namespace DataSsl.Runtime.Tests.Data;

/// <summary>Small pictures with smooth and busy parts, the same on every run.</summary>
internal static class Pictures
{
    public static Image Waves(int width, int height, int seed = 0)
    {
        var rgb = new byte[3 * width * height];
        var rng = CounterRandom.For((ulong)seed, "picture");
        var (a, b, c) = (rng.Between(3, 9), rng.Between(3, 9), rng.Between(0, 6));
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                for (var channel = 0; channel < 3; channel++)
                {
                    var wave = Math.Sin(a * x / width + channel * c) * Math.Cos(b * y / height - channel) + (x / 7 + y / 5) % 2 * 0.4 - 0.2;
                    rgb[3 * (y * width + x) + channel] = (byte)Math.Clamp(128 + 110 * wave, 0, 255);
                }
        return new(width, height, rgb);
    }

    public static byte[] Encoded(Image image, bool jpeg = false) => OpenCv.Encode(image, jpeg, quality: 90);

    /// <summary>Encodes by OpenCV's own means, in any of its formats.</summary>
    public static byte[] Encoded(Image image, string extension, params ImageEncodingParam[] parameters)
    {
        var bgr = image.Rgb.ToArray();
        for (var i = 0; i < bgr.Length; i += 3) (bgr[i], bgr[i + 2]) = (bgr[i + 2], bgr[i]);
        using var mat = new Mat(image.Height, image.Width, MatType.CV_8UC3);
        Marshal.Copy(bgr, 0, mat.Data, bgr.Length);
        Cv2.ImEncode(extension, mat, out var bytes, parameters);
        return bytes;
    }

    /// <summary>Decodes a copy of a file's bytes.</summary>
    public static Image Decoded(byte[] file, int minShortSide = 0, long maxPixels = ImageFile.DefaultMaxPixels)
    {
        var header = ImageHeader.Read(new(file, file.Length), maxPixels);
        using var decoded = OpenCv.Decode(file.AsSpan(0, (int)header.End).ToArray(), header, minShortSide, PixelFormat.Rgb);
        return decoded.ToKeep();
    }
}
