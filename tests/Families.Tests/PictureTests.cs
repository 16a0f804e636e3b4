using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;
using DataSsl.Search.Emit;
using DataSsl.Search.Networks;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>What an emitted class makes of a picture is what evaluation shows of it.</summary>
public sealed class PictureTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pictures-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void An_emitted_class_makes_the_images_of_evaluation()
    {
        var space = SmallSpaces.Named("SmallBasic");
        using var networks = SmallSpaces.Networks(space);
        using var images = SmallSpaces.Images(4, space);
        var emitted = new WinnerEmitter(networks.Student, images).Emit(folder, "Net", "Emitted", space.Parse("Max"), space.InputSize, []);
        var (module, type, _) = FixedNetwork.Read(emitted.SourcePath, emitted.WeightsPath, CPU);
        using var network = module;
        var preprocess = module.GetType().GetMethod("Preprocess")!.CreateDelegate<Preprocess>();
        foreach (var picture in Pictures())
        {
            using var scope = NewDisposeScope();
            var shown = ViewMaker.Make(new ImageBatch([0], [picture]), ViewRecipe.CenterCrop(space.InputSize), 0, 0, 0, CPU);
            var made = preprocess(picture.Rgb.Span, picture.Width, picture.Height);
            Assert.InRange((made - shown).abs().max().item<float>(), 0, 2e-5);
        }
    }

    private delegate Tensor Preprocess(ReadOnlySpan<byte> rgb, int width, int height);

    /// <summary>Noise and ramps of sides that shrink, grow, are as they should be, and are very unlike each other.</summary>
    internal static IEnumerable<Image> Pictures()
    {
        var random = CounterRandom.For(29, "pictures");
        foreach (var (width, height) in new[] { (50, 80), (200, 31), (17, 17), (641, 480), (1, 9), (36, 36), (3, 300), (37, 1) })
        {
            var rgb = new byte[3 * width * height];
            for (var i = 0; i < rgb.Length; i++) rgb[i] = (byte)(i / 3 % width * 200 / width + random.Below(56));
            yield return new(width, height, rgb);
        }
    }
}
