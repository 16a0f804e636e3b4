using System.Globalization;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>How near a form comes to the supernet's slice, on the user's images.</summary>
/// <param name="Form">Its word.</param>
/// <param name="Bytes">Size of its file, or of both.</param>
/// <param name="MaxAbsDifference">The largest of any output.</param>
/// <param name="RelativeDifference">The largest of any output: the length (L2) of the difference, relative to that of the slice's
/// output.</param>
/// <param name="NeighbourAgreement">For how many of the images, from 0 to 1, the nearest other image by the embedding's cosine is the
/// slice's; null of one or two, which leave no choice.</param>
/// <param name="Tolerance">What the relative difference may be, on these images.</param>
/// <param name="Images">How many images that is.</param>
public sealed record FormProof(
    string Form, string Path, long Bytes, double MaxAbsDifference, double RelativeDifference, double? NeighbourAgreement, double Tolerance,
    long Images)
{
    /// <summary>Whether the form may be written.</summary>
    public bool Holds => RelativeDifference <= Tolerance && !(Pictures > PicturesTolerance) && !(NeighbourAgreement < LeastAgreement);

    /// <summary>What <see cref="NeighbourAgreement"/> must be at the least.</summary>
    public double LeastAgreement { get; init; }

    /// <summary>
    /// The same difference where the form's own methods made the images, of pictures of any size; null of a form that has no such methods.
    /// </summary>
    public double? Pictures { get; init; }

    /// <summary>What the file says of how it was made; null for nothing.</summary>
    public string? Remark { get; init; }

    /// <summary>The file of its own weights, whose size counts too; null of a form that has them within, or takes the class's.</summary>
    public string? WeightsPath { get; init; }

    /// <summary>All files that it is.</summary>
    public IEnumerable<string> Files => WeightsPath is { } weights ? [Path, weights] : [Path];

    /// <summary>The same in another folder.</summary>
    internal FormProof In(string folder) => this with
    {
        Path = Moved(Path, folder),
        WeightsPath = WeightsPath is { } weights ? Moved(weights, folder) : null,
    };

    private static string Moved(string path, string folder) => System.IO.Path.Combine(folder, System.IO.Path.GetFileName(path));

    /// <summary>What <see cref="Pictures"/> may be: the form's sums and those of the images are rounded in another order.</summary>
    public double PicturesTolerance { get; init; }

    /// <summary>Why it may not, in one line.</summary>
    public string Failure(string className) => RelativeDifference <= Tolerance && NeighbourAgreement < LeastAgreement
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{className}: its form '{Form}' gives {NeighbourAgreement:0.0 %} of the images the nearest neighbour that its supernet slice gives, where {LeastAgreement:0 %} is the least: not written")
        : RelativeDifference <= Tolerance
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{className}: its form '{Form}' makes other images of pictures than evaluation does: a relative {Pictures:g3}, where {PicturesTolerance:g1} is allowed: not written")
        : Tolerance == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{className} differs from its supernet slice by {MaxAbsDifference:g3}: not emitted")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{className}: its form '{Form}' differs from its supernet slice by a relative {RelativeDifference:g3}, where {Tolerance:g1} is allowed: not written");

    /// <summary>
    /// How much more than the class a form in 32 bits may lose to rounding, where that is more than its tolerance: its order of sums is
    /// another.
    /// </summary>
    private const double RoundingSlack = 4;

    /// <summary>
    /// Whatever the network loses, what differs by more is another network: a fault in the slice must not stretch what is allowed.
    /// </summary>
    private const double MostSlack = 1e-2;

    /// <param name="rounding">The relative difference of the slice in 32 bits from the same network in 64; asked for only where the form's
    /// own tolerance does not hold.</param>
    internal static FormProof Of(
        WinnerForm form, string path, IReadOnlyList<Tensor> expected, IReadOnlyList<Tensor> actual, Lazy<double> rounding,
        string? weights = null)
    {
        if (actual.Count != expected.Count)
            throw new InvalidOperationException($"{path} has {actual.Count} outputs, its supernet slice {expected.Count}");
        var absolute = 0d;
        foreach (var (a, b) in expected.Zip(actual))
        {
            // Not a number compares with nothing: it counts as a difference.
            using var scope = NewDisposeScope();
            var difference = a - b;
            absolute = Math.Max(absolute, Number(difference.abs().max().item<float>()));
        }
        var relative = Relative(expected, actual);
        var tolerance = form.IsRounded ? Allowed(form.Tolerance, relative, rounding) : form.Tolerance;
        return new(
            form.Name, path, new FileInfo(path).Length + (weights is null ? 0 : new FileInfo(weights).Length), absolute, relative,
            Agreement(expected[^1], actual[^1]), tolerance, expected[^1].shape[0])
        {
            LeastAgreement = form.LeastAgreement,
            WeightsPath = weights,
        };
    }

    /// <summary>With what the form's own methods give for pictures.</summary>
    internal FormProof With(WinnerForm form, IReadOnlyList<Tensor> expected, IReadOnlyList<Tensor>? actual, Lazy<double> rounding)
    {
        if (actual is null) return this;
        var relative = Relative(expected, actual);
        return this with { Pictures = relative, PicturesTolerance = Allowed(form.Tolerance + PicturesRounding, relative, rounding) };
    }

    /// <summary>What the order of the sums of a resize may change.</summary>
    private const double PicturesRounding = 1e-5;

    private static double Allowed(double tolerance, double relative, Lazy<double> rounding) =>
        relative > tolerance ? Math.Max(tolerance, Math.Min(MostSlack, RoundingSlack * rounding.Value)) : tolerance;

    /// <summary>The largest relative difference of any output.</summary>
    internal static double Relative(IReadOnlyList<Tensor> expected, IReadOnlyList<Tensor> actual) => expected.Zip(actual, (a, b) =>
    {
        using var scope = NewDisposeScope();
        var exact = a.to(ScalarType.Float64);
        var length = (exact - b).norm().item<double>();
        return length == 0 ? 0 : Number(length / exact.norm().item<double>());
    }).Max();

    private static double Number(double value) => double.IsNaN(value) ? double.PositiveInfinity : value;

    private static double? Agreement(Tensor expected, Tensor actual) =>
        expected.shape[0] < 3 ? null : Neighbours(expected).Zip(Neighbours(actual), (a, b) => a == b ? 1d : 0d).Average();

    /// <summary>The nearest other image of each: embeddings [N, C] -> N indices.</summary>
    private static int[] Neighbours(Tensor embeddings)
    {
        using var scope = NewDisposeScope();
        var directions = embeddings / embeddings.norm(1, keepdim: true);
        var (count, cosines) = ((int)embeddings.shape[0],
            directions.matmul(directions.transpose(0, 1)).contiguous().data<float>().ToArray());
        return
        [
            .. Enumerable.Range(0, count).Select(i => Enumerable.Range(0, count).Where(j => j != i).MaxBy(j => cosines[i * count + j])),
        ];
    }
}
