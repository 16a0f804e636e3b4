using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Views;

/// <summary>
/// The views of SSLight (arXiv 2210.02808) for small networks, as each method was published with them: DINO, MoCo v2 and SwAV differ in
/// their colours and in which view gives targets, and have <see cref="SslightCrops"/> in common.
/// </summary>
public sealed partial record ViewPlan
{
    /// <summary>DINO: two global crops for both networks, each the target of every other crop; BYOL's colours.</summary>
    public static ViewPlan SslightDino(SslightCrops crops, int size, int multiple = DefaultMultiple)
    {
        var (first, second, local) = Asymmetric(size, crops.Split, LocalSize(size, crops.LocalSide, multiple));
        return Crops($"sslight-dino-{crops.Name}", first, second, Both, local, crops.Locals, crops.GlobalWeight);
    }

    /// <summary>
    /// MoCo v2: the key is of the first global crop alone, which no student sees; queries are of the second one and of the local crops. One
    /// pair of global crops, and one for each local crop. The colours are those of DINO.
    /// </summary>
    public static ViewPlan SslightMoCo(SslightCrops crops, int size, int multiple = DefaultMultiple)
    {
        var (key, query, local) = Asymmetric(size, crops.Split, LocalSize(size, crops.LocalSide, multiple));
        var terms = Enumerable.Range(1, 1 + crops.Locals)
            .Select(view => new ViewTerm(Target: 0, view, view == 1 ? crops.GlobalWeight : (1 - crops.GlobalWeight) / crops.Locals));
        return new(
            $"sslight-moco-{crops.Name}",
            [new("key", key, ViewRoles.Teacher), new("global", query, ViewRoles.Student), .. Locals(local, crops.Locals)], [.. terms]);
    }

    /// <summary>
    /// SwAV: two global crops, whose assignments every other crop predicts; there is no teacher. Its own colours: strong jitter, a blur of
    /// half of all crops, nothing solarised.
    /// </summary>
    public static ViewPlan SslightSwav(SslightCrops crops, int size, int multiple = DefaultMultiple)
    {
        var global = ViewRecipe.SimClr(size) with { Area = new(crops.Split, 1), Interpolation = Interpolation.Bicubic };
        var local = global with { Size = LocalSize(size, crops.LocalSide, multiple), Area = new(0.05, crops.Split) };
        return Crops($"sslight-swav-{crops.Name}", global, global, ViewRoles.Student, local, crops.Locals, crops.GlobalWeight);
    }

    private static (string Name, Func<int, int, ViewPlan> Make) Sslight(
        string method, SslightCrops crops, Func<SslightCrops, int, int, ViewPlan> make) =>
        ($"sslight-{method}-{crops.Name}", (size, multiple) => make(crops, size, multiple));
}

/// <summary>
/// What SSLight changes of multi-crop: the area that parts global from local crops, the side of the local ones, and what pairs of global
/// crops count for.
/// </summary>
/// <param name="Name">The networks that it is for, and whether it is the baseline.</param>
/// <param name="Split">The least area of a global crop and the largest of a local one, whose least is 0.05.</param>
/// <param name="LocalSide">The side of a local crop where a global one has 224 pixels.</param>
/// <param name="Locals">How many local crops there are.</param>
/// <param name="GlobalWeight">The share of the loss of all pairs of global crops; those with a local crop have the rest.</param>
public sealed record SslightCrops(string Name, double Split, int LocalSide, int Locals, double GlobalWeight)
{
    /// <summary>For small convolutional networks.</summary>
    public static SslightCrops Cnn { get; } = new("cnn", 0.3, 128, 6, 0.4);

    /// <summary>What it is compared with: SwAV's crops, all pairs alike.</summary>
    public static SslightCrops CnnBaseline { get; } = new("cnn-baseline", 0.14, 96, 6, 1.0 / 7);

    /// <summary>For ViT-Ti/16.</summary>
    public static SslightCrops Vit { get; } = new("vit", 0.3, 128, 10, 0.4);

    /// <summary>What it is compared with: all pairs alike.</summary>
    public static SslightCrops VitBaseline { get; } = new("vit-baseline", 0.25, 96, 10, 1.0 / 11);
}
