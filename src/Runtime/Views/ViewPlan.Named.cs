using DataSsl.Runtime.Supernets;

namespace DataSsl.Runtime.Views;

/// <summary>
/// The published plans, at any size of the global views. Shares of 224 pixels stay shares; blur too is in proportion to the global view, as
/// in <see cref="ViewRecipe.MoCoV2"/>.
/// </summary>
public sealed partial record ViewPlan
{
    private const ViewRoles Both = ViewRoles.Student | ViewRoles.Teacher;

    /// <summary>
    /// Sides of local crops are whole multiples of this where nothing else is said: small enough that 96 and 128 of 224 stay apart at 32
    /// pixels.
    /// </summary>
    public const int DefaultMultiple = 4;

    /// <summary>What the sides of local crops are whole multiples of for networks of a space: its patches, where it has such.</summary>
    public static int MultipleFor(SearchSpace space) => space.Patch > 0 ? space.Patch : DefaultMultiple;

    private static readonly (string Name, Func<int, int, ViewPlan> Make)[] named =
    [
        ("moco-v2", (size, _) => MoCoV2(size)),
        ("simclr", (size, _) => SimClr(size)),
        ("byol", (size, _) => Byol(size)),
        ("ressl", (size, _) => ReSsl(size)),
        ("multi-crop", MultiCrop),
        ("dino", Dino),
        ("crop-flip", (size, _) => CropFlip(size)),
        Sslight("dino", SslightCrops.Cnn, SslightDino), Sslight("dino", SslightCrops.CnnBaseline, SslightDino),
        Sslight("moco", SslightCrops.Cnn, SslightMoCo), Sslight("moco", SslightCrops.CnnBaseline, SslightMoCo),
        Sslight("swav", SslightCrops.Cnn, SslightSwav), Sslight("swav", SslightCrops.CnnBaseline, SslightSwav),
        Sslight("dino", SslightCrops.Vit, SslightDino), Sslight("dino", SslightCrops.VitBaseline, SslightDino),
    ];

    /// <summary>The names that <see cref="Named"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = Array.ConvertAll(named, plan => plan.Name);

    /// <summary>A plan by its name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="size">The side of the global views in pixels.</param>
    /// <param name="multiple">Local sides are whole multiples of this: a transformer's patch, for instance.</param>
    /// <exception cref="UserException">There is no such plan.</exception>
    public static ViewPlan Named(string name, int size, int multiple = DefaultMultiple)
    {
        var found = Array.Find(named, plan => plan.Name == name).Make
            ?? throw new UserException($"view plan '{name}': unknown; the plans are {string.Join(", ", Names)}");
        return found(size, multiple);
    }

    /// <summary>MoCo v2: a query for the student, a key for the teacher.</summary>
    public static ViewPlan MoCoV2(int size) => OneWay("moco-v2", query: ViewRecipe.MoCoV2(size), key: ViewRecipe.MoCoV2(size));

    /// <summary>ReSSL: as MoCo v2, but the key is cropped and flipped alone.</summary>
    public static ViewPlan ReSsl(int size) => OneWay("ressl", query: ViewRecipe.MoCoV2(size), key: ViewRecipe.Weak(size));

    /// <summary>One view, cropped and flipped alone: for a target that is of the image, not of another view.</summary>
    public static ViewPlan CropFlip(int size) =>
        new("crop-flip", [new("view", ViewRecipe.Weak(size), ViewRoles.Student)], [new(Target: 0, Prediction: 0, 1)]);

    /// <summary>SimCLR: two views alike, both the student's, each the other's target.</summary>
    public static ViewPlan SimClr(int size) => BothWays("simclr", ViewRecipe.SimClr(size), ViewRecipe.SimClr(size), ViewRoles.Student);

    /// <summary>BYOL: two views that differ in blur and solarise, each seen by both networks and the other's target.</summary>
    public static ViewPlan Byol(int size) =>
        BothWays("byol", ViewRecipe.Byol(size, blur: 1, solarize: 0), ViewRecipe.Byol(size, blur: 0.1, solarize: 0.2), Both);

    /// <summary>SwAV's 2 global and 6 local crops: areas (0.14, 1) at 224 and (0.05, 0.14) at 96.</summary>
    public static ViewPlan MultiCrop(int size, int multiple = DefaultMultiple)
    {
        var global = ViewRecipe.SimClr(size) with { Area = new(0.14, 1) };
        var local = global with { Size = LocalSize(size, 96, multiple), Area = new(0.05, 0.14) };
        return Crops("multi-crop", global, global, Both, local, locals: 6);
    }

    /// <summary>
    /// DINO's 2 global and 8 local crops: areas (0.4, 1) at 224 and (0.05, 0.4) at 96, with BYOL's augmentation and a blur of half of the
    /// local ones.
    /// </summary>
    public static ViewPlan Dino(int size, int multiple = DefaultMultiple)
    {
        var (first, second, local) = Asymmetric(size, split: 0.4, LocalSize(size, 96, multiple));
        return Crops("dino", first, second, Both, local, locals: 8);
    }

    /// <summary>
    /// <paramref name="side"/> / 224 of the global side, to the nearest multiple (a half goes up), at least one of it and at most the
    /// global side.
    /// </summary>
    private static int LocalSize(int size, int side, int multiple)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(multiple);
        var count = (int)Math.Floor((double)size * side / 224 / multiple + 0.5);
        return Math.Min(Math.Max(count, 1) * multiple, size);
    }

    private static ViewPlan OneWay(string name, ViewRecipe query, ViewRecipe key) =>
        new(name, [new("query", query, ViewRoles.Student), new("key", key, ViewRoles.Teacher)], [new(Target: 1, Prediction: 0, 1)]);

    private static ViewPlan BothWays(string name, ViewRecipe first, ViewRecipe second, ViewRoles roles) =>
        new(
            name, [new("first", first, roles), new("second", second, roles)],
            [new(Target: 0, Prediction: 1, 0.5), new(Target: 1, Prediction: 0, 0.5)]);

    /// <summary>
    /// BYOL's two views as global crops of at least <paramref name="split"/> of the area, and local ones below it that are blurred half of
    /// the time.
    /// </summary>
    private static (ViewRecipe First, ViewRecipe Second, ViewRecipe Local) Asymmetric(int size, double split, int localSize)
    {
        var (first, second) = (ViewRecipe.Byol(size, blur: 1, solarize: 0) with { Area = new(split, 1) },
            ViewRecipe.Byol(size, blur: 0.1, solarize: 0.2) with { Area = new(split, 1) });
        return (first, second, first with { Size = localSize, Area = new(0.05, split), BlurChance = 0.5 });
    }

    /// <summary>
    /// Two global crops, each the target of every other crop. The pairs of the global crops share one weight, those of a global and a local
    /// crop the rest.
    /// </summary>
    /// <param name="ofGlobals">Who sees the global crops.</param>
    /// <param name="globalWeight">The weight that pairs of global crops share; null for their share of all pairs.</param>
    private static ViewPlan Crops(
        string name, ViewRecipe first, ViewRecipe second, ViewRoles ofGlobals, ViewRecipe local, int locals, double? globalWeight = null)
    {
        var weight = globalWeight ?? 1.0 / (1 + locals);
        PlannedView[] globals = [new("global 1", first, ofGlobals), new("global 2", second, ofGlobals)];
        var terms = from target in Enumerable.Range(0, 2)
                    from prediction in Enumerable.Range(0, 2 + locals)
                    where prediction != target
                    select new ViewTerm(target, prediction, prediction < 2 ? weight / 2 : (1 - weight) / (2 * locals));
        return new(name, [.. globals, .. Locals(local, locals)], [.. terms]);
    }

    private static IEnumerable<PlannedView> Locals(ViewRecipe recipe, int count) =>
        Enumerable.Range(1, count).Select(i => new PlannedView($"local {i}", recipe, ViewRoles.Student));
}
