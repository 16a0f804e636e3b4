using System.Text.Json.Serialization;

namespace DataSsl.Search.Results;

/// <summary>What can be said of a winner and a network that a user could take in its place.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VerdictClaim>))]
public enum VerdictClaim
{
    /// <summary>The winner is better.</summary>
    Gain,

    /// <summary>Neither is shown to be better.</summary>
    NoGain,

    /// <summary>The other is better.</summary>
    Loss,
}

/// <summary>A rival of the winner in the one figure that decides.</summary>
/// <param name="Name">What the verdict calls it.</param>
/// <param name="Ahead">Accuracy of the winner less its own; the intervals of all rivals hold together at 95 %.</param>
/// <param name="LatencyRatio">The winner's latency over its own.</param>
public sealed record VerdictRival(string Name, Estimate Ahead, double LatencyRatio)
{
    /// <summary>What the interval says: a gain or a loss only where it leaves 0 out.</summary>
    public VerdictClaim Claim => Ahead.Low > 0 ? VerdictClaim.Gain : Ahead.High < 0 ? VerdictClaim.Loss : VerdictClaim.NoGain;
}

/// <summary>
/// Whether the winner is worth having: decided by one figure that was named before anything was measured, against all networks that could
/// be taken in its place at once. However many columns a table has, it is one family of comparisons, in which something false is claimed in
/// at most 5 % of all verdicts.
/// </summary>
/// <param name="Given">The weights off the shelf.</param>
/// <param name="Handcrafted">The handcrafted network that we trained; null where there is none.</param>
public sealed record VerdictDecision(VerdictRival Given, VerdictRival? Handcrafted)
{
    /// <summary>Below this share of another's latency a network is worth a word though it is no better.</summary>
    private const double ClearlyFaster = 0.9;

    /// <summary>Compares outcomes.</summary>
    /// <param name="winner">By seed, which of the test images the winner named rightly.</param>
    /// <param name="given">Of the weights off the shelf.</param>
    /// <param name="handcrafted">Of the handcrafted network; null for none.</param>
    /// <param name="seed">Of the draws.</param>
    public static VerdictDecision Of(
        IReadOnlyList<bool[]> winner, (string Name, double LatencyRatio, IReadOnlyList<bool[]> Right) given,
        (string Name, double LatencyRatio, IReadOnlyList<bool[]> Right)? handcrafted, long seed)
    {
        var ahead = PairedDifference.Of(winner, [given.Right, .. handcrafted is { } h ? new[] { h.Right } : []], seed);
        return new(
            new(given.Name, ahead[0], given.LatencyRatio), handcrafted is { } other ? new(other.Name, ahead[1], other.LatencyRatio) : null);
    }

    /// <summary>The verdict in one sentence.</summary>
    [JsonIgnore]
    public string Sentence => $"{OfGiven}{OfHandcrafted}.";

    private string OfGiven => Given.Claim switch
    {
        VerdictClaim.Gain =>
            $"The winner is better than {Given.Name} by {Points(Given.Ahead.Low, Given.Ahead.High)} at {Share(Given.LatencyRatio)} its latency",
        VerdictClaim.Loss =>
            $"The given weights ({Given.Name}) are better than the winner by {Points(-Given.Ahead.High, -Given.Ahead.Low)}: take those{Unless}",
        _ => $"No gain over the given weights can be shown: take those{Unless}",
    };

    /// <summary>Who needs a fast network may still want the winner, and is told what it may cost.</summary>
    private string Unless =>
        Given.LatencyRatio < ClearlyFaster
            ? $", unless {Share(Given.LatencyRatio)} their latency is worth up to {Number(-Given.Ahead.Low)} points"
            : "";

    private string OfHandcrafted => Handcrafted switch
    {
        null => "",
        { Claim: VerdictClaim.Gain } h =>
            $"; {(Given.Claim == VerdictClaim.Gain ? "it" : "the winner")} is better than {h.Name}, trained by us, by {Points(h.Ahead.Low, h.Ahead.High)}",
        { Claim: VerdictClaim.Loss } h => $"; {h.Name}, trained by us, is better than the winner by {Points(-h.Ahead.High, -h.Ahead.Low)}",
        var h => $"; no gain over {h.Name}, trained by us, can be shown",
    };

    private static string Points(double low, double high) => $"{Number(low)} to {Number(high)} points";

    private static string Number(double share) => FormattableString.Invariant($"{100 * share + 0.0:0.0}");

    /// <summary><c>0.6 of</c> or <c>1.4 times</c>.</summary>
    private static string Share(double ratio) => FormattableString.Invariant($"{ratio:0.##} {(ratio > 1 ? "times" : "of")}");
}
