using DataSsl.Runtime;
using DataSsl.Runtime.Storage.Foreign;
using DataSsl.Runtime.Views;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Search.Start;

/// <summary>
/// ResNet18 with weights learnt on ImageNet, from the package Microsoft.ML.DnnImageFeaturizer.ResNet18 (MIT): an ONNX file whose tensors
/// have no names that say anything, so its operators are followed. Its last stage has three blocks, one more than He et al.'s.
/// </summary>
/// <remarks>
/// It takes the channels in the order blue, green, red, from 0 to 255, less their mean. Ours are red, green, blue, from 0 to 1, less
/// ImageNet's mean, over its deviation: order and factors go into the first convolution, and pixels beyond the border are zero, the mean,
/// in both. The package takes away a mean picture in the place of a mean colour, which is smooth, within 8 of 255 of it, and known for 224
/// pixels alone; that is left out.
/// </remarks>
public static class ImageNetResNet18
{
    /// <summary>What the command line calls it.</summary>
    public const string Name = "imagenet-resnet18";

    /// <summary>Its file, beside the program.</summary>
    private const string File = "imagenet-resnet18.onnx";

    /// <summary>Where the file is.</summary>
    /// <exception cref="UserException">It is not there.</exception>
    public static string Path()
    {
        var path = System.IO.Path.Combine(AppContext.BaseDirectory, File);
        return System.IO.File.Exists(path)
            ? path
            : throw new UserException(
                $"{Name}: {path} is missing; it is ResNet18.onnx of the package Microsoft.ML.DnnImageFeaturizer.ResNet18 under this name");
    }

    /// <summary>Its tensors in 32 bits under torchvision's names; the caller's dispose scope owns them.</summary>
    internal static IReadOnlyList<(string Name, Tensor Values)> Read()
    {
        using var scope = NewDisposeScope();
        var model = OnnxInitializers.Read(Path());
        var (tensors, named) = (model.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Values),
            new List<(string Name, Tensor Values)>());
        try
        {
            var readers = model.Nodes.SelectMany(node => node.Inputs.Select(input => (input, node)))
                .ToLookup(pair => pair.input, pair => pair.node);
            var stem = model.Nodes.First(node => node.Type == "Conv");
            Take("conv1", "bn1", stem);
            named[0] = (named[0].Name, OurPixels(named[0].Values));
            var x = readers[readers[After(stem)].Single().Outputs[0]].Single(node => node.Type == "MaxPool").Outputs[0];
            for (var (stage, block, wide) = (0, 0, 0L); readers[x].Any(node => node.Type == "Conv"); block++)
            {
                // Of the two convolutions of a block's input the one whose norm is added at once is the projection.
                var convolutions = readers[x].Where(node => node.Type == "Conv").ToList();
                var first = convolutions.Single(conv => readers[After(conv)].Single().Type == "Relu");
                var second = readers[readers[After(first)].Single().Outputs[0]].Single(node => node.Type == "Conv");
                var channels = tensors[first.Inputs[1]].shape[0];
                if (channels != wide) (stage, block, wide) = (stage + 1, 0, channels);
                var key = FormattableString.Invariant($"layer{stage}.{block}");
                Take($"{key}.conv1", $"{key}.bn1", first);
                Take($"{key}.conv2", $"{key}.bn2", second);
                foreach (var projection in convolutions.Where(conv => conv != first))
                    Take($"{key}.downsample.0", $"{key}.downsample.1", projection);
                x = readers[readers[After(second)].Single(node => node.Type == "Add").Outputs[0]]
                    .Single(node => node.Type == "Relu").Outputs[0];
            }

            string After(OnnxInitializers.Node conv) =>
                readers[conv.Outputs[0]].Single(node => node.Type == "BatchNormalization").Outputs[0];

            void Take(string convolution, string norm, OnnxInitializers.Node conv)
            {
                named.Add(($"{convolution}.weight", tensors[conv.Inputs[1]]));
                var inputs = readers[conv.Outputs[0]].Single(node => node.Type == "BatchNormalization").Inputs;
                foreach (var (name, i) in new[] { ("weight", 1), ("bias", 2), ("running_mean", 3), ("running_var", 4) })
                    named.Add(($"{norm}.{name}", tensors[inputs[i]]));
            }
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or ArgumentOutOfRangeException)
        {
            throw new DamagedFileException($"{Path()}: not the ResNet18.onnx of Microsoft.ML.DnnImageFeaturizer.ResNet18", e);
        }
        foreach (var (_, values) in named) values.MoveToOuterDisposeScope();
        return named;
    }

    /// <summary>A first convolution for our pixels from one for theirs.</summary>
    private static Tensor OurPixels(Tensor weights)
    {
        var std = ViewRecipe.ImageNetStd;
        return weights.flip(1)
            * tensor(std.Values.ToArray().Select(value => 255 * value).ToArray()).to(ScalarType.Float32).view(1, 3, 1, 1);
    }
}
