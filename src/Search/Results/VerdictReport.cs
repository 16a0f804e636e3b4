using System.Text.Json.Serialization;

namespace DataSsl.Search.Results;

/// <summary>
/// Whether a winner is worth having, and all that was measured for that. Written as <c>verdict.json</c>, read by the report.
/// </summary>
/// <param name="Sentence">What is said of it, <see cref="VerdictDecision.Sentence"/>.</param>
/// <param name="Decision">What it rests on.</param>
/// <param name="By">Name of the column that decides.</param>
/// <param name="Columns">The figures.</param>
/// <param name="Rows">The networks, the winner last.</param>
/// <param name="LeftOut">What there is no row for, and how one would come by it; null where nothing is missing.</param>
/// <param name="Seeds">Trainings of each figure.</param>
/// <param name="TestImages">Images that every network was tested on.</param>
/// <param name="Provenance">Data fingerprints, versions, seed and the like, in display order.</param>
/// <param name="ElapsedSeconds">Wall time of all measurements, those of earlier runs that it goes on from included.</param>
public sealed record VerdictReport(
    string Sentence,
    VerdictDecision Decision,
    string By,
    IReadOnlyList<VerdictColumn> Columns,
    IReadOnlyList<VerdictRow> Rows,
    string? LeftOut,
    int Seeds,
    int TestImages,
    IReadOnlyDictionary<string, string> Provenance,
    double ElapsedSeconds);

/// <param name="Name">As in <c>finetune@10%</c>; of what uses all labels that there are, the method's alone.</param>
/// <param name="Share">Of the labels that is used.</param>
/// <param name="Labelled">How many images that is.</param>
public sealed record VerdictColumn(string Name, string Method, double Share, int Labelled);

/// <param name="Role"><c>random</c>, <c>given</c>, <c>handcrafted</c> or <c>winner</c>.</param>
/// <param name="Name">What tables call it.</param>
/// <param name="Origin">Where its weights came from, in a line.</param>
/// <param name="Size">Side in pixels of the images that it takes.</param>
/// <param name="Macs">Multiply-accumulates of one image.</param>
/// <param name="Parameters">Convolution weights and BatchNorm affine parameters.</param>
/// <param name="WeightBytes">Of the class for inference, in 32 bits.</param>
/// <param name="Latency">Seconds for one image on this device, in that class.</param>
/// <param name="Figures">One for each column.</param>
public sealed record VerdictRow(
    string Role, string Name, string Origin, string Space, string Architecture, int Size, long Macs, long Parameters, long WeightBytes,
    double Latency, IReadOnlyList<VerdictFigure> Figures);

/// <param name="Accuracy">Share of the test images that were named rightly, the mean over the seeds.</param>
/// <param name="BySeed">The same of each seed.</param>
/// <param name="WinnerAhead">The winner's less it, with a paired 95 % interval over images and seeds, which speaks of this one comparison;
/// null for the winner.</param>
public sealed record VerdictFigure(
    double Accuracy, IReadOnlyList<double> BySeed,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Estimate? WinnerAhead = null);
