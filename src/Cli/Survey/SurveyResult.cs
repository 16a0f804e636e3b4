using System.Globalization;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using DataSsl.Search.Costs;
using DataSsl.Search.Report;
using DataSsl.Search.Results;
using static TorchSharp.torch;

namespace DataSsl.Cli.Survey;

/// <summary>What a survey leaves in its folder: survey.json and the page that is made of it.</summary>
internal static class SurveyResult
{
    public const string PageFile = "survey.html";

    /// <summary>Analyses what was measured, and writes both files.</summary>
    /// <param name="training">How networks were trained; null where none was.</param>
    /// <exception cref="UserException">Fewer networks are left than there is something to say of.</exception>
    public static SurveyReport Write(SurveyOutcome of, SurveyRequest request, SurveyTraining? training, Device device)
    {
        var isOfSlices = request.Supernet is not null;
        var compared = of.Subjects.Where(s => s.IsSlice == isOfSlices && !HasDiverged(of, s)).ToList();
        if (compared.Count == 0) throw new UserException($"{request.Networks}: the training of every network diverged; lower --rate");
        List<SurveyNetworkFacts> networks = [.. compared.Select(subject => Facts(of, subject))];
        List<SurveyMethodResult> methods = [.. request.Methods.Select(m => Result(of, m, compared, networks, request.Seed))];
        var report = new SurveyReport(
            SurveyAnalysis.Sentence(methods[0], networks),
            [.. of.Scenarios.Select(scenario => Facts(of, scenario, request.Seed))], networks, methods,
            [.. of.Subjects.Where(s => HasDiverged(of, s)).Select(s => s.Network.Name)],
            Origin(of, request, training, device), Math.Round(of.File.Seconds, 1));
        SurveyReportJson.Write(report, Path.Combine(request.Folder, SurveyReportJson.FileName));
        AtomicFile.WriteText(Path.Combine(request.Folder, PageFile), HtmlReport.Render(report));
        return report;
    }

    private static bool HasDiverged(SurveyOutcome of, SurveySubject subject) =>
        !subject.IsSlice && of.File.Trained(subject.Network.Key)?.Diverged is not null;

    private static SurveyNetworkFacts Facts(SurveyOutcome of, SurveySubject subject)
    {
        var (name, architecture) = (subject.Network.Name, subject.Network.Architecture);
        var parameters = StageParameters.Of(architecture);
        return new(
            name, architecture.Space.Name, architecture.Space.Family, architecture.ToString(), subject.Size,
            architecture.Space.Macs(architecture, subject.Size), parameters.Total, parameters.Early, parameters.Late,
            subject.IsSlice ? null : of.File.Trained(subject.Network.Key)!.File);
    }

    private static SurveyScenarioFacts Facts(SurveyOutcome of, SurveyScenario scenario, long seed)
    {
        var data = of.Data[scenario.Name];
        return new(
            scenario.Name, data.Classes, data.Train.Count, LabelShare.Balanced(data.Train.Labels, scenario.Labels, seed).Length,
            data.Test.Count, scenario.Test is null ? data.Split : "a set of its own");
    }

    private static SurveyMethodResult Result(
        SurveyOutcome of, EvaluationMethod method, List<SurveySubject> compared, IReadOnlyList<SurveyNetworkFacts> networks, long seed)
    {
        var alone = of.Subjects.Where(s => !s.IsSlice && compared[0].IsSlice && !HasDiverged(of, s)).ToList();
        List<int> places = [.. alone.Select(s => compared.FindIndex(slice => slice.Network.Key == s.Network.Key))];
        return SurveyAnalysis.Of(
            method.Name, networks, [.. of.Scenarios.Select(s => Accuracies(s, compared))],
            alone.Count == 0 ? null : (places, [.. of.Scenarios.Select(s => Accuracies(s, alone))]), seed);

        SurveyAccuracies Accuracies(SurveyScenario scenario, List<SurveySubject> subjects) =>
            new(scenario.Name, [.. subjects.Select(subject => of.File.Of(subject.Cell(scenario, method))!)]);
    }

    private static Dictionary<string, string> Origin(SurveyOutcome of, SurveyRequest request, SurveyTraining? training, Device device)
    {
        var origin = new Dictionary<string, string>();
        if (request.Supernet is { } supernet) origin["supernet"] = $"{supernet} ({Checkpoint.Hash(CheckpointFolder.FileOf(supernet))})";
        if (training is not null) origin["unlabelled images"] = $"{training.Root} ({training.Fingerprint[..16]})";
        foreach (var scenario in of.Scenarios)
        {
            var (train, test) = (of.Data[scenario.Name].Train.Store.Source, of.Data[scenario.Name].Test.Store.Source);
            origin[scenario.Name] =
                $"{train.Root} ({train.Fingerprint[..16]}), tested on {test.Root} ({test.Fingerprint[..16]})";
        }
        origin["methods"] = string.Join("; ", request.Methods);
        origin["calibration"] = request.Calibration.ToString();
        origin["seed"] = request.Seed.ToString(CultureInfo.InvariantCulture);
        origin["machine"] = Checkpoint.Machine(device);
        origin["datassl"] = Product.Version;
        origin[Provenance.Command] = NextCommand.Of("survey", request.Words);
        return origin;
    }
}
