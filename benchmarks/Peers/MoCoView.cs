using OpenCvSharp;

namespace DataSsl.Peers;

/// <summary>
/// MoCo v2's view as one writes it with OpenCV: crop and resize, jitter in any order, grey, blur, flip, normalise; all on 8-bit images.
/// </summary>
internal sealed class MoCoView(int size, Random random)
{
    private static readonly (double Mean, double Deviation)[] Rgb = [(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)];

    /// <summary>Writes a view of a BGR image as [3, S, S] in RGB order, 32 bits.</summary>
    public void Write(Mat image, nint planes)
    {
        using var view = Crop(image);
        if (random.NextDouble() < 0.8) Jitter(view);
        if (random.NextDouble() < 0.2) Saturate(view, 0);
        if (random.NextDouble() < 0.5) Cv2.GaussianBlur(view, view, default, 0.1 + 1.9 * random.NextDouble());
        if (random.NextDouble() < 0.5) Cv2.Flip(view, view, FlipMode.Y);
        var channels = Cv2.Split(view);
        for (var c = 0; c < 3; c++)
        {
            var (mean, deviation) = Rgb[c];
            using var plane = Mat.FromPixelData(size, size, MatType.CV_32FC1, planes + 4 * c * size * size);
            using var channel = channels[2 - c];
            channel.ConvertTo(plane, MatType.CV_32FC1, 1 / (255 * deviation), -mean / deviation);
        }
    }

    /// <summary>A fifth to all of the area, at an aspect of 3/4 to 4/3, as torchvision draws it.</summary>
    private Mat Crop(Mat image)
    {
        var (area, region) = ((double)image.Width * image.Height, new Rect(0, 0, image.Width, image.Height));
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var target = area * (0.2 + 0.8 * random.NextDouble());
            var ratio = Math.Exp(Math.Log(3.0 / 4) + Math.Log(16.0 / 9) * random.NextDouble());
            var (width, height) = ((int)Math.Round(Math.Sqrt(target * ratio)), (int)Math.Round(Math.Sqrt(target / ratio)));
            if (width < 1 || height < 1 || width > image.Width || height > image.Height) continue;
            region = new(random.Next(image.Width - width + 1), random.Next(image.Height - height + 1), width, height);
            break;
        }
        using var part = new Mat(image, region);
        var view = new Mat();
        // Averages the pixels that it shrinks, as antialiasing does.
        Cv2.Resize(
            part, view, new Size(size, size),
            interpolation: region.Width > size && region.Height > size ? InterpolationFlags.Area : InterpolationFlags.Linear);
        return view;
    }

    private void Jitter(Mat view)
    {
        Action[] steps =
        [
            () => Brighten(view, Factor()), () => Contrast(view, Factor()), () => Saturate(view, Factor()),
            () => Shift(view, (0.2 * random.NextDouble()) - 0.1),
        ];
        random.Shuffle(steps);
        foreach (var step in steps) step();

        double Factor() => 0.6 + 0.8 * random.NextDouble();
    }

    private static void Brighten(Mat view, double factor) => view.ConvertTo(view, -1, factor);

    private static void Contrast(Mat view, double factor)
    {
        using var grey = view.CvtColor(ColorConversionCodes.BGR2GRAY);
        view.ConvertTo(view, -1, factor, (1 - factor) * Cv2.Mean(grey).Val0);
    }

    private static void Saturate(Mat view, double factor)
    {
        using var grey = view.CvtColor(ColorConversionCodes.BGR2GRAY);
        using var three = grey.CvtColor(ColorConversionCodes.GRAY2BGR);
        Cv2.AddWeighted(view, factor, three, 1 - factor, 0, view);
    }

    /// <summary>Turns the hue by a share of the circle; 256 steps are one turn.</summary>
    private static void Shift(Mat view, double turn)
    {
        Cv2.CvtColor(view, view, ColorConversionCodes.BGR2HSV_FULL);
        var steps = (int)Math.Round(256 * turn);
        var table = new byte[256 * 3];
        for (var i = 0; i < 256; i++) (table[3 * i], table[3 * i + 1], table[3 * i + 2]) = ((byte)(i + steps), (byte)i, (byte)i);
        using var lookup = Mat.FromPixelData(1, 256, MatType.CV_8UC3, table);
        Cv2.LUT(view, lookup, view);
        Cv2.CvtColor(view, view, ColorConversionCodes.HSV2BGR_FULL);
    }
}
