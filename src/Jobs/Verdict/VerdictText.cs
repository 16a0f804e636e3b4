using System.Globalization;
using DataSsl.Jobs.Shared;
using DataSsl.Search.Results;

namespace DataSsl.Jobs.Verdict;

/// <summary>A verdict in words.</summary>
internal static class VerdictText
{
    /// <summary>By what, in a line.</summary>
    public static string Decided(VerdictReport verdict) => FormattableString.Invariant(
        $"decided by {verdict.By} alone, named before anything was measured, over {verdict.Seeds:N0} {verdict.Seeds switch { 1 => "seed, which says nothing of another training,", 2 => "seeds, which say little of another training,", _ => "seeds" }} and {Wording.Count(verdict.TestImages, "test image")}; 95 % confidence{(verdict.Decision.Handcrafted is null ? "" : ", of both comparisons together")}");

    /// <summary>A share as options write it: <c>10%</c>.</summary>
    public static string Share(double share) => (100 * share).ToString("0.######", CultureInfo.InvariantCulture) + "%";
}
