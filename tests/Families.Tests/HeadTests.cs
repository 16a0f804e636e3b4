using DataSsl.Search.Emit;
using DataSsl.Search.Emit.Forms;
using DataSsl.Search.Networks;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>
/// Architectures with a head: as <c>emit --head</c> writes them, and the class that the build made of <c>spaces/headed.arch.yaml</c>.
/// </summary>
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
        var emitted = new WinnerEmitter(networks.Student, images)
            .Emit(folder, "Backbone", "Emitted", space.Parse("OffGrid"), space.InputSize, []);
        using var backbone = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(
            InMemoryCompiler.Compile("Backbone", File.ReadAllText(emitted.SourcePath)).GetType("Emitted.Backbone")!, [null, null])!;
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

    public static TheoryData<string> Spaces => [.. SmallSpaces.Handwritten.Select(s => s.Name)];

    /// <summary>
    /// Each form's logits were compared with the slice's at emit; here they are the matrix product of embedding and the file's weights, in
    /// 64 bits.
    /// </summary>
    [Theory, MemberData(nameof(Spaces))]
    public void An_emitted_head_is_a_matrix_on_the_embedding_in_every_form(string name)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var space = SmallSpaces.Named(name);
        using var networks = SmallSpaces.Networks(space);
        var images = SmallSpaces.Images(4, space);
        var architecture = space.Parse("OffGrid");
        var emitted = new WinnerEmitter(networks.Student, images)
            .Emit(
                folder, "Headed", "Emitted", architecture, space.InputSize, [], WinnerForm.Parse("class,folded,onnx,csharp"),
                head: new(7, Seed: 3));
        Assert.Equal(name == "SmallTransformers" ? 3 : 4, emitted.Forms.Count);
        Assert.All(emitted.Forms, form => Assert.True(form.Holds, form.Failure("Headed")));
        Assert.Equal(0, emitted.MaxAbsDifference);
        var (module, _, _) = FixedNetwork.Read(emitted.SourcePath, emitted.WeightsPath, CPU);
        using var network = module;
        var (weight, bias) = Parameters(network.state_dict(), space.Family);
        Assert.Equal([7, architecture.EmbeddingChannels], weight.shape);
        Assert.Equal(0, bias.abs().max().item<float>());
        Assert.InRange(weight.square().mean().sqrt().item<float>(), 0.008, 0.012);
        var exact = network.call(images).to(ScalarType.Float64).matmul(weight.to(ScalarType.Float64).t());
        var logits = (Tensor)network.GetType().GetMethod("classify")!.Invoke(network, [images])!;
        Assert.InRange(((logits - exact).norm() / exact.norm()).item<double>(), 0, 1e-6);
    }

    /// <summary>Torchvision's names of the last layer, and timm's.</summary>
    private static (Tensor Weight, Tensor Bias) Parameters(IReadOnlyDictionary<string, Tensor> state, string family)
    {
        var key = family switch { "mobilenet-v2" => "classifier.1", "vit" => "head", _ => "fc" };
        return (state[key + ".weight"], state[key + ".bias"]);
    }

    private static float Difference(Tensor a, Tensor b) => (a - b).abs().max().item<float>();
}
