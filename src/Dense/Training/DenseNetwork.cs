using DataSsl.Dense.Boxes;
using DataSsl.Dense.Heads;
using DataSsl.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Dense.Training;

/// <summary>A head on a backbone, made from its settings: a detector or a segmenter.</summary>
public sealed class DenseNetwork : IDisposable
{
    private DenseNetwork(DenseSettings settings, NetworkBackbone backbone, Part module) =>
        (Settings, Backbone, Module) = (settings, backbone, module);

    /// <summary>What it was made from.</summary>
    public DenseSettings Settings { get; }

    /// <summary>What the head stands on.</summary>
    public NetworkBackbone Backbone { get; }

    /// <summary>Backbone and head.</summary>
    public Part Module { get; }

    /// <summary>The same, where it finds objects; null where it tells pixels.</summary>
    public Detector? Detector => Module as Detector;

    /// <summary>The same, where it tells pixels; null where it finds objects.</summary>
    public FcnSegmenter? Segmenter => Module as FcnSegmenter;

    /// <summary>
    /// All weights and buffers by their keys in a file: those of the emitted class behind <c>backbone.</c>, a transformer's
    /// <see cref="MapScales"/> behind <c>scales.</c>, and the head's as torchvision has them.
    /// </summary>
    public IEnumerable<(string Key, Tensor Tensor)> State => Module.state_dict().Select(entry => (KeyOf(entry.Key), entry.Value));

    /// <summary>Makes one.</summary>
    /// <param name="settings">What it is.</param>
    /// <param name="network">An emitted class; from here on it is this one's.</param>
    /// <param name="size">Side of the square images that the class is made for.</param>
    /// <param name="seed">Of the head's first weights.</param>
    /// <param name="device">Where it is wanted.</param>
    /// <exception cref="UserException">The network does not give what the head stands on.</exception>
    public static DenseNetwork Of(DenseSettings settings, nn.Module<Tensor, Tensor> network, int size, long seed, Device device)
    {
        if (settings.Problem() is { } problem) throw new UserException(problem);
        using var scope = NewDisposeScope();
        var backbone = NetworkBackbone.Of(network, size, seed);
        var classes = settings.Classes.Count;
        Part module = settings.Head switch
        {
            DenseHead.Fcos => new Fcos(
                backbone, classes, seed, settings.Width,
                new() { Depth = settings.Depth, Groups = DenseSettings.Groups, Score = settings.Score }),
            DenseHead.FasterRcnnC4 => new FasterRcnnC4(backbone, classes, seed, regions: RegionSettings.C4 with { Score = settings.Score }),
            DenseHead.Fpn => new FasterRcnn(
                backbone, classes, seed, settings.Task == DenseTask.Instances ? new() { Width = settings.Width } : null, settings.Width,
                settings.Representation, regions: new() { Score = settings.Score }),
            _ => new FcnSegmenter(backbone, classes, seed, settings.Finer),
        };
        module.to(device);
        foreach (var tensor in module.parameters().Concat(module.buffers())) tensor.DetachFromDisposeScope();
        module.eval();
        return new(settings, backbone, module);
    }

    /// <summary>From a module's own key to that in a file.</summary>
    private static string KeyOf(string key)
    {
        foreach (var prefix in (string[])["backbone.body.", "backbone."])
        {
            if (key.StartsWith(prefix + "network.", StringComparison.Ordinal)) return "backbone." + key[(prefix + "network.").Length..];
            if (key.StartsWith(prefix + "scales.", StringComparison.Ordinal)) return key[prefix.Length..];
        }
        return key;
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose() => Module.Dispose();
}
