using System.Text.Json.Nodes;
using DataSsl.Kernels;

namespace DataSsl.Search.Emit;

/// <summary>What makes the images of a network of pictures, for who does it without the emitted classes: it goes with every file.</summary>
internal static class Preprocessing
{
    /// <summary>Its key in the metadata of safetensors and ONNX files, and in a model card.</summary>
    public const string Key = "preprocessing";

    /// <param name="side">Of the network's images, in pixels.</param>
    public static JsonObject Facts(int side) => new()
    {
        ["orientation"] = "upright, as EXIF says",
        ["channels"] = "RGB",
        ["resizeShortSide"] = ShownImage.ShortSide(side),
        ["interpolation"] = "bilinear",
        ["antialias"] = true,
        ["rounding"] = "none",
        ["crop"] = "center",
        ["size"] = side,
        ["range"] = new JsonArray(0, 1),
        ["mean"] = new JsonArray([.. ImageNetStatistics.Mean.Select(value => JsonValue.Create(value))]),
        ["deviation"] = new JsonArray([.. ImageNetStatistics.Deviation.Select(value => JsonValue.Create(value))]),
    };

    /// <summary>The same in words.</summary>
    public static string Words(int side) => FormattableString.Invariant(
        $"the picture upright, its short side resized to {ShownImage.ShortSide(side)} pixels (bilinear, antialiased, not rounded to bytes), the middle {side} x {side} of that, RGB from 0 to 1, less ({string.Join(", ", ImageNetStatistics.Mean)}), over ({string.Join(", ", ImageNetStatistics.Deviation)})");
}
