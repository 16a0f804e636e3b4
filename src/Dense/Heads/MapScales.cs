using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Dense.Heads;

/// <summary>
/// A transformer's one map at four scales: by learnt strided convolutions back to a quarter and a half of the patch, as it is, and at twice
/// the patch (Li et al. 2022, ViTDet, section 3).
/// </summary>
public sealed class MapScales : Part
{
    private readonly ConvTranspose2d quarter_in, quarter_out, half;
    private readonly LayerNorm quarter_norm;

    /// <param name="channels">Of the map.</param>
    /// <param name="seed">Of the first weights.</param>
    public MapScales(long channels, long seed) : base(nameof(MapScales))
    {
        using var initial = new Initial(seed, "map scales");
        quarter_in = initial.Uniform(ConvTranspose2d(channels, channels / 2, 2, 2));
        quarter_norm = Initial.One(LayerNorm(channels / 2));
        quarter_out = initial.Uniform(ConvTranspose2d(channels / 2, channels / 4, 2, 2));
        half = initial.Uniform(ConvTranspose2d(channels, channels / 2, 2, 2));
        RegisterComponents();
    }

    /// <summary>Of the four maps, the largest first.</summary>
    public static long[] ChannelsOf(long channels) => [channels / 4, channels / 2, channels, channels];

    /// <summary>
    /// [N, C, H, W] -> [N, C / 4, 4 H, 4 W], [N, C / 2, 2 H, 2 W], [N, C, H, W], [N, C, H / 2, W / 2]. They are the caller's.
    /// </summary>
    public Tensor[] Maps(Tensor map)
    {
        using var scope = NewDisposeScope();
        var x = quarter_norm.call(quarter_in.call(map).permute(0, 2, 3, 1)).permute(0, 3, 1, 2);
        Tensor[] maps = [quarter_out.call(functional.gelu(x)), half.call(map), map.alias(), functional.max_pool2d(map, 2)];
        foreach (var each in maps) each.MoveToOuterDisposeScope();
        return maps;
    }
}
