using System.Reflection;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Emit;
using DataSsl.Search.Emit.Forms;
using DataSsl.Search.Networks;
using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>Networks in 8 bits: what ONNX Runtime makes of the file that emit leaves.</summary>
public sealed class Int8Tests : IDisposable
{
    private const int Images = 96;
    private readonly string folder = Directory.CreateTempSubdirectory("int8-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    public static TheoryData<string> Spaces => [.. SmallSpaces.Handwritten.Select(s => s.Name)];

    [Theory, MemberData(nameof(Spaces))]
    public void Every_family_is_near_its_slice_in_fewer_bytes(string name)
    {
        var emitted = Emit(name, _ => { });
        var (floats, bytes) = (emitted.Forms.Single(f => f.Form == "onnx"), emitted.Forms.Single(f => f.Form == "onnx-int8"));
        Assert.True(bytes.Holds, bytes.Failure("Net"));
        // Nearer than rounding to 8 bits allows would be another path than the one that is claimed.
        Assert.InRange(bytes.RelativeDifference, 1e-3, 0.2);
        Assert.Matches("^ranges by .* over 64 images", bytes.Remark);
        using var model = new OnnxModel(bytes.Path, threads: 1);
        Assert.Equal(bytes.Remark, model.Metadata["quantisation"]);
        using (NewDisposeScope())
        {
            // Maps that the next stage multiplies are bytes, the last is not: nothing multiplies it.
            var maps = model.Run(randn([64, .. model.Inputs["images"].Dimensions[1..].Select(side => side > 0 ? side : 32L)]))
                .Where(output => output.Key.StartsWith('C')).OrderBy(output => output.Key, StringComparer.Ordinal).ToList();
            foreach (var (i, map) in maps.Index().Where(_ => name != "SmallTransformers"))
                Assert.Equal(i == maps.Count - 1, map.Value.unique().output.numel() > 256);
        }
        // So small a network has nearly as many names and scales as weights.
        Assert.True(bytes.Bytes < floats.Bytes, $"{bytes.Bytes} bytes, and {floats.Bytes} in 32 bits");

        var form = emitted.Forms.Single(f => f.Form == "csharp-int8");
        Assert.True(form.Holds, form.Failure("Net"));
        Assert.InRange(form.RelativeDifference, 1e-3, 0.2);
        Assert.Equal(bytes.Remark, form.Remark);
        // It rounds no value that the ONNX model does not.
        Assert.InRange(form.RelativeDifference, 0, 1.1 * bytes.RelativeDifference);
        var source = File.ReadAllText(form.Path);
        Assert.Contains("ByteSteps.Linear(", source);
        Assert.Equal(name == "SmallMobile", source.Contains("ByteSteps.Depthwise(", StringComparison.Ordinal));
        // Between a transformer's matrices lies something else each time.
        Assert.Equal(name != "SmallTransformers", source.Contains("takesBytes: true", StringComparison.Ordinal));
        var (whole, taken) = (SafeTensors.Read(emitted.WeightsPath).Tensors, SafeTensors.Read(form.WeightsPath!).Tensors);
        // What is in bytes stands for the folded weights: the largest of each output is the largest of its bytes.
        foreach (var key in taken.Keys.Where(key => key.EndsWith(".scale", StringComparison.Ordinal)).Select(key => key[..^6]))
        {
            Assert.Equal(whole[key + ".weight"].shape, taken[key + ".weight"].shape);
            Assert.Equal(ScalarType.Int8, taken[key + ".weight"].dtype);
            Assert.Equal(63, taken[key + ".weight"].abs().max().item<sbyte>());
        }
        foreach (var tensor in whole.Values.Concat(taken.Values)) tensor.Dispose();
        Assert.True(new FileInfo(form.WeightsPath!).Length < new FileInfo(emitted.WeightsPath).Length);
    }

    /// <summary>What a weights file says beyond what its class can compute is refused in one line.</summary>
    [Fact]
    public void Bytes_that_cannot_be_are_refused()
    {
        var form = Emit("SmallBasic", _ => { }).Forms.Single(f => f.Form == "csharp-int8");
        const string weight = "layer1.0.conv1.weight", input = "layer1.0.conv1.input";
        Assert.Contains($"'{weight}' holds more than the 7 bits of a weight", Damaged(weight, full([1], 64, ScalarType.Int8)));
        Assert.Contains($"'{input}' is no scale and no byte of zero", Damaged(input, tensor(new[] { 0.1f, 256 })));
        Assert.Contains($"'{weight}' is not a tensor of 8-bit whole numbers", Damaged(weight, ones(1)));

        string Damaged(string key, Tensor values)
        {
            using var scope = NewDisposeScope();
            var (tensors, metadata) = SafeTensors.Read(form.WeightsPath!);
            tensors[key] = values.expand(tensors[key].shape).contiguous();
            var path = Path.Combine(folder, "damaged.safetensors");
            SafeTensors.Write(path, tensors.Select(entry => (entry.Key, entry.Value)), metadata);
            var type = InMemoryCompiler.Compile("Damaged", File.ReadAllText(form.Path)).GetType("Emitted.NetInt8", throwOnError: true)!;
            var thrown = Assert.Throws<TargetInvocationException>(() => type.GetMethod("Load")!.Invoke(null, [path, 1, 0]));
            return Assert.IsType<InvalidDataException>(thrown.InnerException).Message;
        }
    }

    /// <summary>One channel a thousand times as large as the others, and its weights a thousandth: the same network.</summary>
    [Fact]
    public void A_layer_that_8_bits_hurt_too_much_stays_in_32_and_is_named()
    {
        var emitted = Emit("SmallBasic", store => Stretch(store, "layer2.0"));
        var bytes = emitted.Forms.Single(f => f.Form == "onnx-int8");
        Assert.True(bytes.Holds, bytes.Failure("Net"));
        Assert.Contains("; in 32 bits: layer2.0.conv2", bytes.Remark);
        Assert.DoesNotContain("layer2.0.conv2", Emit("SmallBasic", _ => { }).Forms.Single(f => f.Form == "onnx-int8").Remark);
    }

    /// <summary>
    /// All channels but one a thousandth as large, so that a byte of the map's range keeps nothing of them, and their kernels a thousand
    /// times as large.
    /// </summary>
    [Fact]
    public void A_depthwise_layer_that_8_bits_hurt_too_much_stays_in_32()
    {
        // In the architecture the block has another place, as blocks before it are left out.
        const string layer = "features.6.conv.1.0";
        var form = Emit("SmallMobile", store => Shrink(store, "features.8")).Forms.Single(f => f.Form == "csharp-int8");
        Assert.True(form.Holds, form.Failure("Net"));
        Assert.Matches($"; in 32 bits: .*{layer}", form.Remark);
        Assert.Contains($" = new(machine, weights.Convolution(\"{layer}\", ", File.ReadAllText(form.Path));
        Assert.DoesNotContain(layer, Emit("SmallMobile", _ => { }).Forms.Single(f => f.Form == "csharp-int8").Remark);
    }

    /// <summary>The first images are those of the proof, and here ten times as bright as those that the ranges are of.</summary>
    [Fact]
    public void What_is_too_far_from_its_slice_is_not_written()
    {
        var emitted = Emit("SmallBasic", _ => { }, images => images.narrow(0, 0, WinnerEmitter.ProofImages).mul_(10));
        var bytes = emitted.Forms.Single(f => f.Form == "onnx-int8");
        Assert.False(bytes.Holds);
        Assert.Contains("its form 'onnx-int8' differs from its supernet slice by a relative 0.", bytes.Failure("Net"));
        Assert.False(File.Exists(bytes.Path));
        var form = emitted.Forms.Single(f => f.Form == "csharp-int8");
        Assert.False(form.Holds);
        Assert.DoesNotContain(form.Files, File.Exists);
    }

    private static void Stretch(ParameterStore store, string block)
    {
        const float Factor = 1000;
        Of(".bn1.weight").narrow(0, 0, 1).mul_(Factor);
        Of(".bn1.bias").narrow(0, 0, 1).mul_(Factor);
        Of(".conv2.weight").narrow(1, 0, 1).div_(Factor);

        Tensor Of(string name) => store.Slots.Single(s => s.Key == block + name).Full();
    }

    private static void Shrink(ParameterStore store, string block)
    {
        const float Factor = 1000;
        Others(".conv.0.1.weight").div_(Factor);
        Others(".conv.0.1.bias").div_(Factor);
        Others(".conv.1.0.weight").mul_(Factor);

        Tensor Others(string name)
        {
            var tensor = store.Slots.Single(s => s.Key == block + name).Full();
            return tensor.narrow(0, 1, tensor.shape[0] - 1);
        }
    }

    private EmittedClass Emit(string name, Action<ParameterStore> change, Action<Tensor>? light = null)
    {
        var space = SmallSpaces.Named(name);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var networks = SmallSpaces.Networks(space);
        change(networks.StudentWeights);
        // Noise alone looks alike to a network: each image has a colour of its own, and no half of them one beyond the others'.
        using var random = new TorchSharp.torch.Generator(7);
        var images = SmallSpaces.Images(Images, space).add_(rand([Images, space.InputChannels, 1, 1], generator: random), 4);
        light?.Invoke(images);
        return new WinnerEmitter(networks.Student, images)
            .Emit(folder, "Net", "Emitted", space.Parse("OffGrid"), space.InputSize, [], WinnerForm.Parse("onnx,onnx-int8,csharp-int8"));
    }
}
