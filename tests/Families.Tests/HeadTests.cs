using DataSsl.Search.Emit;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>The class that the build made of <c>spaces/headed.arch.yaml</c>: an architecture with a head.</summary>
public sealed class HeadTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("head-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void It_takes_an_emitted_files_weights_keeps_its_own_head_and_classifies()
    {
        var space = SmallMobile.Space;
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var networks = SmallSpaces.Networks(space);
        var images = SmallSpaces.Images(4, space);
        var emitted = new WinnerEmitter(networks.Student, images).Emit(folder, "Backbone", "Emitted", space.Parse("OffGrid"), space.InputSize, []);
        using var backbone = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(InMemoryCompiler.Compile("Backbone", File.ReadAllText(emitted.SourcePath)).GetType("Emitted.Backbone")!, [null, null])!;
        backbone.GetType().GetMethod("load_safetensors")!.Invoke(backbone, [emitted.WeightsPath]);
        using var headed = new Headed();
        var (weight, bias) = (headed.state_dict()["classifier.1.weight"], headed.state_dict()["classifier.1.bias"]);
        Assert.Equal([7, 1280], weight.shape);
        var before = weight.clone();
        headed.load_safetensors(emitted.WeightsPath);
        Assert.Equal(0, Difference(weight, before));
        backbone.eval();
        headed.eval();
        var embedding = backbone.call(images);
        Assert.Equal(0, Difference(headed.call(images), embedding));
        Assert.InRange(Difference(headed.classify(images), embedding.matmul(weight.t()) + bias), 0, 1e-5);
    }

    private static float Difference(Tensor a, Tensor b) => (a - b).abs().max().item<float>();
}
