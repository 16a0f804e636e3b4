using System.Numerics;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;

namespace DataSsl.Demo;

/// <summary>What lies between scene and file: uneven light, vignetting, exposure and white balance, sensor noise.</summary>
internal static class Camera
{
    /// <summary>Takes the picture.</summary>
    /// <param name="exposure">The mean colour that automatic exposure and white balance aim for. It hides the scene's mean, as cameras
    /// do.</param>
    public static Image Expose(Canvas canvas, Vector3 exposure, ref CounterRandom random)
    {
        Light(canvas, random.Direction() * random.Float(0, 0.22f), random.Float(0, 0.18f));
        Balance(canvas.Pixels, exposure, random.Float(0.8f, 1.15f));
        return new(canvas.Width, canvas.Height, Sense(canvas.Pixels, random.Float(0.008f, 0.035f), (uint)random.NextBits()));
    }

    /// <summary>A gradient across the picture and a fall-off toward its corners.</summary>
    private static void Light(Canvas canvas, Vector2 gradient, float vignette)
    {
        var scale = 2f / Math.Max(canvas.Width, canvas.Height);
        for (var y = 0; y < canvas.Height; y++)
            for (var x = 0; x < canvas.Width; x++)
            {
                var (u, v) = ((x - 0.5f * canvas.Width) * scale, (y - 0.5f * canvas.Height) * scale);
                canvas.Pixels[y * canvas.Width + x] *= 1 + u * gradient.X + v * gradient.Y - vignette * (u * u + v * v);
            }
    }

    /// <summary>
    /// Scales each channel to the wanted mean, and contrast about it. A second pass makes up for what the first one clipped.
    /// </summary>
    private static void Balance(Vector3[] pixels, Vector3 exposure, float contrast)
    {
        for (var pass = 0; pass < 2; pass++)
        {
            var mean = Vector3.Zero;
            foreach (var pixel in pixels) mean += pixel;
            mean /= pixels.Length;
            var gain = exposure / Vector3.Max(mean, new(0.05f));
            foreach (ref var pixel in pixels.AsSpan())
                pixel = Vector3.Clamp(exposure + (pixel * gain - exposure) * contrast, Vector3.Zero, Vector3.One);
            contrast = 1;
        }
    }

    /// <summary>Adds noise that grows toward the highlights, mostly common to the channels, and rounds to bytes.</summary>
    private static byte[] Sense(Vector3[] pixels, float strength, uint seed)
    {
        var noise = new Noise(seed);
        var rgb = new byte[3 * pixels.Length];
        for (var i = 0; i < pixels.Length; i++)
        {
            var bits = noise.Hash(i, 0);
            var grain = (bits & 0xFF) + (bits >> 8 & 0xFF) - 255f;
            var tint = new Vector3(bits >> 16 & 0xFF, bits >> 24, bits >> 20 & 0xFF) - new Vector3(127.5f);
            var value = pixels[i];
            var amount = strength * (0.5f + value.Y) / 128f;
            value = (value + (new Vector3(grain) + tint) * amount) * 255f + new Vector3(0.5f);
            (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = (Byte(value.X), Byte(value.Y), Byte(value.Z));
        }
        return rgb;
    }

    private static byte Byte(float value) => (byte)Math.Clamp(value, 0f, 255f);
}
