using System.Reflection;
using System.Runtime.CompilerServices;
using DataSsl.Runtime;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Dense.Heads;

/// <summary>An emitted class as a backbone: a winner, an anchor, given weights. It is this one's, and trains.</summary>
public sealed class NetworkBackbone : Backbone
{
    private const string Features = "features";

    /// <summary>The stage from C4 to C5 in the keys of residual networks.</summary>
    private const string LastStage = "layer4";

    private readonly nn.Module<Tensor, Tensor> network;
    // No module: what is a field of a module is registered by its name, and the stage's weights are the network's already.
    private readonly Func<Tensor, Tensor>? last;
    private readonly MapScales? scales;

    private NetworkBackbone(nn.Module<Tensor, Tensor> network, IReadOnlyList<long> channels, MapScales? scales)
        : base(network.GetName(), channels)
    {
        (this.network, this.scales) = (network, scales);
        register_module("network", network);
        if (scales is not null) register_module("scales", scales);
        last = (network.named_children().FirstOrDefault(child => child.name == LastStage).module as nn.Module<Tensor, Tensor>) is { } stage
            ? stage.call
            : null;
        Keep();
    }

    /// <summary>The class as a backbone, with the channels that its maps of images of a size have.</summary>
    /// <param name="network">An emitted class: images [N, 3, H, W] -> [N, C], and <c>features</c>.</param>
    /// <param name="size">Side of the images that it takes.</param>
    /// <param name="seed">Of the weights that bring a transformer's one map to four scales.</param>
    /// <exception cref="UserException">It has no four maps.</exception>
    public static NetworkBackbone Of(nn.Module<Tensor, Tensor> network, int size, long seed = 0)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var device = network.parameters().First().device;
        // One image, and no statistics of it: it is for the shapes alone.
        var training = network.training;
        network.eval();
        var maps = MapsOf(network, zeros([1, 3, size, size], device: device));
        network.train(training);
        if (maps.Length > 1 && maps[0].shape[2] == maps[^1].shape[2])
            return new(network, MapScales.ChannelsOf(maps[^1].shape[1]), new(maps[^1].shape[1], seed));
        return maps.Length >= 4 ? new(network, [.. maps[^4..].Select(map => map.shape[1])], scales: null)
            : throw new UserException(
                $"dense tasks need maps C2 to C5, and {network.GetName()} has {maps.Length}; take a network of four stages");
    }

    /// <inheritdoc/>
    public override Tensor[] Maps(Tensor images)
    {
        using var scope = NewDisposeScope();
        // Channels last: libtorch's convolutions take less so, and what heads do position by position needs no other order.
        var maps = MapsOf(network, MemoryFormat.ChannelsLast(images));
        maps = scales is null ? maps[^4..] : scales.Maps(maps[^1]);
        foreach (var map in maps) map.MoveToOuterDisposeScope();
        return maps;
    }

    /// <inheritdoc/>
    public override Tensor C5(Tensor c4) => last is null ? base.C5(c4) : last(c4);

    /// <summary>The maps that a class gives of images [N, C, H, W], the finest first, or one alone; they are the caller's.</summary>
    /// <exception cref="UserException">It is no emitted class.</exception>
    public static Tensor[] MapsOf(nn.Module<Tensor, Tensor> network, Tensor images)
    {
        var method = network.GetType().GetMethod(Features, [typeof(Tensor)])
            ?? throw new UserException($"{network.GetName()} is no emitted class: it has no {Features}");
        var maps = method.Invoke(network, BindingFlags.DoNotWrapExceptions, binder: null, [images], culture: null);
        return maps is ITuple tuple ? [.. Enumerable.Range(0, tuple.Length).Select(i => (Tensor)tuple[i]!)] : [(Tensor)maps!];
    }
}
