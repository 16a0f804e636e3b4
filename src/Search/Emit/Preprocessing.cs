using System.Text.Json;
using System.Text.Json.Nodes;
using DataSsl.Generator.Emit;
using DataSsl.Kernels;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Storage;
using DataSsl.SearchSpaces;

namespace DataSsl.Search.Emit;

/// <summary>What makes the images of a network of pictures, for who does it without the emitted classes: it goes with every file.</summary>
public static class Preprocessing
{
    /// <summary>Its key in the metadata of safetensors and ONNX files, and in a model card.</summary>
    internal const string Key = "preprocessing";

    private const string Bits = "bits", Mean = "mean", Deviation = "deviation";

    /// <param name="side">Of the network's images, in pixels.</param>
    /// <param name="pixels">What is read of pictures, and how it is normalised.</param>
    internal static JsonObject Facts(int side, PixelRule pixels)
    {
        var facts = new JsonObject
        {
            ["orientation"] = "upright, as EXIF says",
            ["channels"] = BandsOf(pixels.Format),
            ["resizeShortSide"] = ShownImage.ShortSide(side),
            ["interpolation"] = "bilinear",
            ["antialias"] = true,
            ["rounding"] = "none",
            ["crop"] = "center",
            ["size"] = side,
            ["range"] = new JsonArray(0, 1),
            [Mean] = new JsonArray([.. pixels.Mean.Values.ToArray().Select(value => JsonValue.Create(value))]),
            [Deviation] = new JsonArray([.. pixels.Deviation.Values.ToArray().Select(value => JsonValue.Create(value))]),
        };
        if (pixels.Format.Bits != 8) facts[Bits] = pixels.Format.Bits;
        return facts;
    }

    /// <summary>The same in words.</summary>
    internal static string Words(int side, PixelRule pixels) => FormattableString.Invariant(
        $"the picture upright, its short side resized to {ShownImage.ShortSide(side)} pixels (bilinear, antialiased, not rounded to bytes), the middle {side} x {side} of that, {Of(pixels.Format)} from 0 to 1, less {pixels.Mean}, over {pixels.Deviation}");

    /// <summary>The rule that emitted weights name; ImageNet's of such as name none.</summary>
    /// <param name="weights">The file.</param>
    /// <exception cref="UserException">What it names is no rule.</exception>
    public static PixelRule Read(string weights)
    {
        if (!SafeTensors.ReadMetadata(weights).TryGetValue(Key, out var text)) return PixelRule.ImageNet;
        try
        {
            var facts = JsonNode.Parse(text)!;
            Channels mean = new(Values(Mean)), deviation = new(Values(Deviation));
            var pixels = new PixelRule(new(mean.Count, (int?)facts[Bits] ?? 8), mean, deviation);
            return pixels.FirstProblem() is { } problem ? throw new UserException($"{weights}: {problem}; emit the class anew") : pixels;

            double[] Values(string key) => [.. facts[key]!.AsArray().Select(value => (double)value!)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NullReferenceException)
        {
            throw new UserException($"{weights}: its metadata '{Key}' is damaged; emit the class anew", e);
        }
    }

    /// <summary>Whether its pictures come as bytes of grey, or of red, green and blue.</summary>
    public static bool TakesBytes(PixelRule pixels) => pixels.Format is { Bits: 8, Bands: 1 or 3 };

    /// <summary>What emitted classes make of pictures that come as bytes: of grey, or of red, green and blue.</summary>
    internal static PictureRule OfBytes(PixelRule pixels) => TakesBytes(pixels)
        ? new(pixels.Mean.Values.ToArray().ToEquatableArray(), pixels.Deviation.Values.ToArray().ToEquatableArray())
        : PictureRule.None;

    private static string Of(PixelFormat format) => BandsOf(format) + (format.Bits == 8 ? "" : " of 16 bits (65535 is 1)");

    private static string BandsOf(PixelFormat format) => format.Bands switch { 1 => "grey", 3 => "RGB", var bands => $"{bands} bands" };
}
