using System.Text.Json.Serialization;

namespace DataSsl.Search.Results;

/// <summary>
/// Many networks over many scenarios, and whether there is one network for all (arXiv 2203.08130). Written as <c>survey.json</c>, shown by
/// <c>survey.html</c>.
/// </summary>
/// <param name="Sentence">The answer, by the first of the methods.</param>
/// <param name="Scenarios">What networks were measured over.</param>
/// <param name="Networks">Those that were.</param>
/// <param name="Methods">What each method of measuring found, the first of them deciding.</param>
/// <param name="LeftOut">Networks whose training diverged, and that are in no figure.</param>
/// <param name="Provenance">Data fingerprints, versions, seed and the like, in display order.</param>
/// <param name="ElapsedSeconds">Of all trainings and measurements, those of earlier runs that it goes on from included.</param>
public sealed record SurveyReport(
    string Sentence,
    IReadOnlyList<SurveyScenarioFacts> Scenarios,
    IReadOnlyList<SurveyNetworkFacts> Networks,
    IReadOnlyList<SurveyMethodResult> Methods,
    IReadOnlyList<string> LeftOut,
    IReadOnlyDictionary<string, string> Provenance,
    double ElapsedSeconds);

/// <param name="Labelled">Training images whose labels were used.</param>
/// <param name="Split">In words, how the test images were told apart.</param>
public sealed record SurveyScenarioFacts(string Name, int Classes, int TrainingImages, int Labelled, int TestImages, string Split);

/// <param name="Size">Side in pixels of the images that it learnt from, and that MACs are counted for.</param>
/// <param name="Macs">Multiply-accumulates of one image.</param>
/// <param name="Early">Parameters of the stem and the first half of the stages.</param>
/// <param name="Late">The other parameters.</param>
/// <param name="Weights">The file of its own weights, relative to the survey's folder; null where it is a slice of a supernet.</param>
public sealed record SurveyNetworkFacts(
    string Name, string Space, string Family, string Architecture, int Size, long Macs, long Parameters, long Early, long Late,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Weights);

/// <summary>What one method of measuring found. Lists by network are in the order of <see cref="SurveyReport.Networks"/>.</summary>
/// <param name="Method">knn, linear or finetune.</param>
/// <param name="Accuracies">By scenario and network, the share of test images that were named rightly, with Wilson's 95 % interval.</param>
/// <param name="Ranks">By scenario and network, from 1 for the best; equals share their mean rank.</param>
/// <param name="MeanRanks">Of each network over the scenarios.</param>
/// <param name="Sizes">How the accuracies of each scenario go with what networks cost.</param>
/// <param name="Pairs">How alike each two scenarios judge, each pair once.</param>
/// <param name="TopTenth">Row a, column b: the share of a's best networks (several where they tie) that are in b's top tenth; 1 on the
/// diagonal.</param>
/// <param name="Single">The network of the best mean rank, and what it loses.</param>
/// <param name="ForAll">Places of the networks that cannot be told from the best of any scenario.</param>
/// <param name="Slices">How slices of a supernet foretell networks trained alone; null where there were not both.</param>
public sealed record SurveyMethodResult(
    string Method,
    IReadOnlyList<IReadOnlyList<Estimate>> Accuracies,
    IReadOnlyList<IReadOnlyList<double>> Ranks,
    IReadOnlyList<double> MeanRanks,
    IReadOnlyList<SurveySizes> Sizes,
    IReadOnlyList<SurveyPair> Pairs,
    IReadOnlyList<IReadOnlyList<double>> TopTenth,
    SurveySingle Single,
    IReadOnlyList<int> ForAll,
    IReadOnlyList<SurveySlices>? Slices);

/// <summary>Spearman's coefficient of the accuracies of a scenario with each measure of size.</summary>
public sealed record SurveySizes(string Scenario, Estimate Macs, Estimate Parameters, Estimate Early, Estimate Late, Estimate Ratio);

/// <summary>How alike two scenarios judge the networks.</summary>
public sealed record SurveyPair(string One, string Other, Estimate Spearman, Estimate Pearson);

/// <summary>The network of the best mean rank.</summary>
/// <param name="Network">Its place.</param>
/// <param name="Losses">For each scenario.</param>
public sealed record SurveySingle(int Network, IReadOnlyList<SurveyLoss> Losses);

/// <param name="Best">Place of the scenario's best network.</param>
/// <param name="BestLessSingle">By how much that is better; the intervals of all scenarios hold together with 95 %.</param>
public sealed record SurveyLoss(string Scenario, int Best, Estimate BestLessSingle);

/// <summary>How accuracies of slices and of the same architectures trained alone agree in a scenario.</summary>
/// <param name="Networks">Places of those that were measured both ways.</param>
/// <param name="Alone">Their accuracies when trained alone.</param>
public sealed record SurveySlices(
    string Scenario, IReadOnlyList<int> Networks, IReadOnlyList<double> Alone, Estimate Spearman, Estimate Pearson);
