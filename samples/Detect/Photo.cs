using OpenCvSharp;

namespace Detect;

/// <summary>An image file of any usual format: as a network takes it, and with what was found drawn on it.</summary>
internal sealed class Photo : IDisposable
{
    private static readonly Scalar[] Colours =
    [
        new(80, 175, 255), new(90, 200, 60), new(255, 120, 60), new(200, 90, 220), new(60, 220, 220), new(60, 60, 230), new(200, 200, 200),
    ];

    private readonly Mat image;

    /// <exception cref="InvalidDataException">It is no image.</exception>
    public Photo(string path)
    {
        image = Cv2.ImRead(path);
        if (image.Empty()) throw new InvalidDataException($"{path}: not an image");
    }

    public int Width => image.Width;

    public int Height => image.Height;

    /// <summary>
    /// [3, side, side]: scaled so that the short side, or, where the long one would be too long, that one has its pixels; in the upper left
    /// corner, zeros beside and below it. And its height and width there.
    /// </summary>
    public (float[] Values, int Height, int Width) Square(
        int side, int shortSide, int longSide, IReadOnlyList<float> mean, IReadOnlyList<float> deviation)
    {
        var scale = Math.Min((float)shortSide / Math.Min(Width, Height), (float)longSide / Math.Max(Width, Height));
        var (width, height) = (Math.Clamp((int)(Width * scale), 1, side), Math.Clamp((int)(Height * scale), 1, side));
        using var scaled = new Mat();
        Cv2.Resize(image, scaled, new Size(width, height));
        var values = new float[3 * side * side];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                // OpenCV has blue first.
                var pixel = scaled.At<Vec3b>(y, x);
                for (var c = 0; c < 3; c++) values[(c * side + y) * side + x] = (pixel[2 - c] / 255f - mean[c]) / deviation[c];
            }
        return (values, height, width);
    }

    /// <summary>Draws a box in its class's colour.</summary>
    public void Frame(float left, float top, float right, float bottom, int label) => Cv2.Rectangle(
        image, new Point((int)left, (int)top), new Point((int)right, (int)bottom), Colours[label % Colours.Length], thickness: 2);

    /// <summary>Lays the colours of classes over the image.</summary>
    /// <param name="labels">A class for each pixel of a square in whose upper left corner the image lies, so high and wide.</param>
    public void Colour(int[] labels, int side, int height, int width)
    {
        for (var y = 0; y < Height; y++)
            for (var x = 0; x < Width; x++)
            {
                var colour = Colours[labels[y * height / Height * side + x * width / Width] % Colours.Length];
                var pixel = image.At<Vec3b>(y, x);
                image.Set(
                    y, x,
                    new Vec3b(
                        (byte)((pixel[0] + colour.Val0) / 2), (byte)((pixel[1] + colour.Val1) / 2), (byte)((pixel[2] + colour.Val2) / 2)));
            }
    }

    /// <summary>Writes it, drawings and all.</summary>
    public void Save(string path) => Cv2.ImWrite(path, image);

    public void Dispose() => image.Dispose();
}
