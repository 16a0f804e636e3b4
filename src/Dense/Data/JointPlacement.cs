using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Dense.Data;

/// <summary>Where an image comes to lie, and all that belongs to it: scaled, then cut out or padded, then mirrored.</summary>
/// <param name="SourceWidth">Of the image, in pixels.</param>
/// <param name="SourceHeight">Of the image, in pixels.</param>
/// <param name="ScaledWidth">Of the image once scaled.</param>
/// <param name="ScaledHeight">Of the image once scaled.</param>
/// <param name="Left">First column of the scaled image that is taken.</param>
/// <param name="Top">First row of the scaled image that is taken.</param>
/// <param name="Width">Columns of the result; what the image lacks is padding on its right, on its left once mirrored.</param>
/// <param name="Height">Rows of the result.</param>
/// <param name="IsFlipped">Whether left and right are changed.</param>
public readonly record struct JointPlacement(
    int SourceWidth, int SourceHeight, int ScaledWidth, int ScaledHeight, int Left, int Top, int Width, int Height, bool IsFlipped)
{
    /// <summary>Columns of the result that the image covers.</summary>
    private int Columns => Math.Min(Width, ScaledWidth - Left);

    /// <summary>Rows of the result that the image covers.</summary>
    private int Rows => Math.Min(Height, ScaledHeight - Top);

    /// <summary>The picture: [3, <see cref="Height"/>, <see cref="Width"/>] in 32 bits, normalised, 0 where it is padded.</summary>
    /// <param name="image">The image, at its size.</param>
    /// <param name="mean">Per channel, subtracted from values in [0, 1].</param>
    /// <param name="std">Per channel, divides after that.</param>
    /// <remarks>Normalised and then scaled, bilinear and not antialiased, as torchvision's detectors do.</remarks>
    public Tensor Of(Image image, Channels mean, Channels std)
    {
        if (image.Width != SourceWidth || image.Height != SourceHeight)
            throw new ArgumentException($"an image of {image.Width} x {image.Height} pixels was to have {SourceWidth} x {SourceHeight}");
        using var scope = NewDisposeScope();
        var values = tensor(image.Rgb.ToArray(), [SourceHeight, SourceWidth, 3]).permute(2, 0, 1).to(ScalarType.Float32).div_(255f);
        values.sub_(Channel(mean)).div_(Channel(std));
        if (ScaledWidth != SourceWidth || ScaledHeight != SourceHeight)
            values = nn.functional.interpolate(
                    values.unsqueeze(0), size: [ScaledHeight, ScaledWidth], mode: InterpolationMode.Bilinear, align_corners: false)
                .squeeze(0);
        var result = zeros(3, Height, Width);
        result.narrow(1, 0, Rows).narrow(2, 0, Columns).copy_(values.narrow(1, Top, Rows).narrow(2, Left, Columns));
        return (IsFlipped ? result.flip(2) : result).MoveToOuterDisposeScope();

        static Tensor Channel(Channels of) => tensor(of.ToSingle(), [3, 1, 1]);
    }

    /// <summary>The part of a box that is left; of no area where none is.</summary>
    public Box Of(Box box)
    {
        var (across, down) = ((double)ScaledWidth / SourceWidth, (double)ScaledHeight / SourceHeight);
        var cut = new Box(box.Left * across - Left, box.Top * down - Top, box.Width * across, box.Height * down).Inside(Columns, Rows);
        return IsFlipped ? cut with { Left = Width - cut.Right } : cut;
    }

    /// <summary>A box of the result where it is on the image; what a detector found is told in the image's pixels.</summary>
    public Box Back(Box box)
    {
        var (across, down) = ((double)SourceWidth / ScaledWidth, (double)SourceHeight / ScaledHeight);
        var left = IsFlipped ? Width - box.Right : box.Left;
        return new((left + Left) * across, (box.Top + Top) * down, box.Width * across, box.Height * down);
    }

    /// <summary>
    /// Pixels [<see cref="SourceHeight"/>, <see cref="SourceWidth"/>], row after row, each of the result the nearest of them:
    /// [<see cref="Height"/>, <see cref="Width"/>].
    /// </summary>
    /// <param name="pixels">A mask of an object, or of classes.</param>
    /// <param name="padding">What stands where there is no image.</param>
    public byte[] Of(ReadOnlySpan<byte> pixels, byte padding)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(pixels.Length, SourceWidth * SourceHeight);
        var result = new byte[Width * Height];
        Array.Fill(result, padding);
        // In 32 bits, as PyTorch finds the nearest.
        var (across, down) = ((float)SourceWidth / ScaledWidth, (float)SourceHeight / ScaledHeight);
        for (var y = 0; y < Rows; y++)
        {
            var row = pixels.Slice(Math.Min((int)((y + Top) * down), SourceHeight - 1) * SourceWidth, SourceWidth);
            for (var x = 0; x < Columns; x++)
                result[y * Width + (IsFlipped ? Width - 1 - x : x)] = row[Math.Min((int)((x + Left) * across), SourceWidth - 1)];
        }
        return result;
    }
}
