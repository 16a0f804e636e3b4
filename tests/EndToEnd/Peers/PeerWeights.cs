using System.Text.RegularExpressions;
using DataSsl.Peers.Step;
using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.EndToEnd.Peers;

/// <summary>Gives peers the weights of ours.</summary>
internal static partial class PeerWeights
{
    /// <summary>Ours by the names of the peers' modules; kernels [O, I, k, k].</summary>
    public static IEnumerable<(string Name, Tensor Values)> Of(ParameterStore store) =>
        store.Slots.Select(slot => (Name(slot.Key), slot.Full()));

    /// <summary>Overwrites a peer's in C#, every one of them.</summary>
    public static void Copy(ParameterStore from, DataSsl.Peers.Step.Supernet to)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var ours = Of(from).ToDictionary(w => w.Name, w => w.Values);
        var names = to.named_parameters().Select(p => p.name).ToList();
        Assert.Equal(ours.Keys.Order(), names.Order());
        // Kernels of channels-last maps have their channels innermost in the parameter too; one of 3x3 on three channels does not show it.
        var innermost = to.named_parameters().Any(p => !p.parameter.shape.SequenceEqual(ours[p.name].shape));
        foreach (var (name, parameter) in to.named_parameters())
        {
            var values = ours[name];
            parameter.copy_(innermost && values.dim() == 4 && values.shape[2] > 1 ? values.permute(0, 2, 3, 1) : values);
        }
    }

    private static string Name(string key) =>
        Stage().Replace(key, m => $"stages.{int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) - 1}.")
        .Replace("downsample.0.", "downsample_conv.", StringComparison.Ordinal)
            .Replace("downsample.1.", "downsample_bn.", StringComparison.Ordinal)
        .Replace("neck.mlp.0.", "fc1.", StringComparison.Ordinal).Replace("neck.mlp.2.", "fc2.", StringComparison.Ordinal);

    [GeneratedRegex(@"layer(\d+)\.")]
    private static partial Regex Stage();
}
