using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Dense.Heads;
using DataSsl.Dense.Training;
using DataSsl.Runtime;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Cli.DenseTasks;

/// <summary>Trains a head on a network, and scores both on images that were not seen.</summary>
/// <param name="folder">Where the results go; null where they are only printed.</param>
internal sealed class DenseJob(DenseRequest request, string? folder)
{
    private const string StateFile = "dense-training.safetensors";
    private static readonly TimeSpan s_betweenStates = TimeSpan.FromMinutes(2);

    /// <summary>Trains and scores.</summary>
    /// <param name="resume">Whether it goes on with what an interrupted run left.</param>
    /// <exception cref="OperationCanceledException">Stopped; what was done is in the folder.</exception>
    public DenseResult Run(bool resume, CancellationToken cancellation)
    {
        if (request.Source.Architecture is { } architecture) SubnetBackbone.MustHaveMaps(architecture.Space);
        var state = folder is null ? null : Path.Combine(folder, StateFile);
        if (resume && (state is null || !File.Exists(state)))
            throw new UserException(
                $"--resume: {(state is null ? "give --out" : $"there is no {state} to go on with; leave --resume away to begin")}");
        var watch = Stopwatch.StartNew();
        var data = DenseData.Load(
            request.Settings.Task, request.Data, request.Test, request.Classes, request.Void, request.Seed);
        var labelled = data.Train.Share(request.Labels, request.Seed);
        if (folder is not null)
        {
            RunFolder.Take(folder);
            RegularFile.MustBe(Path.Combine(folder, EvaluationJob.RecordFile));
        }
        using var scope = NewDisposeScope();
        var (source, settings) = (request.Source, request.Settings with { Classes = data.Classes });
        var backbone = source.Build(
            new EvaluationImages(data.TrainImages, source.Size, request.Device), request.Calibration, request.Device);
        var norm = request.TrainsNorm
            ? "trained"
            : source.BatchNorm(backbone, data.TrainImages.Count, request.Calibration) + ", frozen";
        using var network = DenseNetwork.Of(settings, backbone, source.Size, request.Seed, request.Device);
        var seconds = Train(network, data, labelled, resume ? state : null, cancellation);
        var scores = DenseScores.Of(network, data, request.Seed, request.Device, cancellation);
        var record = Record(data, labelled.Count, norm, scores, seconds, watch.Elapsed);
        var written = new List<string>();
        if (folder is not null)
        {
            var path = Path.Combine(folder, DenseCheckpoint.FileOf(settings.Task));
            DenseCheckpoint.Write(path, network, Origin(), (JsonObject)record.DeepClone());
            var page = Path.Combine(folder, DensePage.FileName);
            AtomicFile.WriteText(page, new DensePage(request, data, network, scores).Render());
            written.AddRange([path, page]);
            File.Delete(state!);
        }
        return new(request, data, labelled.Count, norm, scores, record, written);
    }

    /// <summary>Gives the seconds a step.</summary>
    private double Train(
        DenseNetwork network, DenseData data, DenseExamples labelled, string? from, CancellationToken cancellation)
    {
        var (options, identity) = (request.Options(labelled.Count), request.Identity(data, labelled.Count));
        using var training = new DenseTraining(network, labelled, options, request.Seed, request.Device);
        if (from is not null) training.Load(from, identity);
        var first = training.Step;
        var (progress, watch, saved, window) = (new DenseProgress(options.Steps, first), Stopwatch.StartNew(), TimeSpan.Zero, 0.0);
        while (!training.IsDone)
        {
            if (cancellation.IsCancellationRequested)
            {
                Save();
                cancellation.ThrowIfCancellationRequested();
            }
            window = training.MakeStep();
            progress.Report(training.Step, window);
            if (watch.Elapsed - saved < s_betweenStates) continue;
            Save();
            saved = watch.Elapsed;
        }
        // Before the test images: whoever stops there goes on there.
        Save();
        training.Finish();
        return training.Step > first ? watch.Elapsed.TotalSeconds / (training.Step - first) : double.NaN;

        void Save()
        {
            if (folder is not null) training.Save(Path.Combine(folder, StateFile), identity);
        }
    }

    private BackboneOrigin Origin()
    {
        var (source, space) = (request.Source, request.Source.Architecture?.Space);
        return new(
            (string)source.Facts["kind"]!, source.Title, space?.Name, space?.Source, space is null ? null : source.Architecture!.ToString(),
            source.Size);
    }

    private JsonObject Record(
        DenseData data, int labelled, string norm, DenseScores scores, double secondsAStep, TimeSpan elapsed) => new()
        {
            ["time"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            ["method"] = DenseResult.Word(request.Settings.Task),
            ["scores"] = scores.Json(data.Classes),
            ["options"] = request.Facts(labelled),
            ["network"] = request.Source.Facts.DeepClone(),
            ["batchNorm"] = norm,
            ["size"] = request.Source.Size,
            ["data"] = data.Facts(labelled),
            ["labels"] = request.Labels,
            ["seed"] = request.Seed,
            ["secondsAStep"] = JsonNumber.Of(Math.Round(secondsAStep, 3)),
            ["seconds"] = Math.Round(elapsed.TotalSeconds, 1),
            ["datassl"] = Product.Version,
            ["machine"] = Checkpoint.Machine(request.Device),
        };
}

/// <summary>What a dense network was found to be worth.</summary>
/// <param name="Labelled">How many training images' labels were used.</param>
/// <param name="Norm">Whose BatchNorm statistics the network had, in words.</param>
/// <param name="Record">All of it, with where it came from.</param>
/// <param name="Files">What was written.</param>
internal sealed record DenseResult(
    DenseRequest Of, DenseData Data, int Labelled, string Norm, DenseScores Scores, JsonObject Record, IReadOnlyList<string> Files)
{
    /// <summary>The sub-verb of a task.</summary>
    public static string Word(DenseTask task) => task switch
    {
        DenseTask.Detection => "detect",
        DenseTask.Instances => "instances",
        _ => "segment",
    };

    public void Print()
    {
        var (name, value) = Scores.Main[0];
        Output.Line($"{Of.Settings.Head.Word()} on {Of.Source.Title}: {name} {DenseScores.Text(value)}");
        Scores.Print(Data.Classes);
        Output.Line(
            $"  {Labelled:N0} labelled of {Output.Count(Data.Train.Count, "training image")}, {Output.Count(Data.Test.Count, "test image")} ({Data.Split}), {Of.Settings.MinSize} to {Of.Settings.MaxSize} px, {Of.Options(Labelled).Steps:N0} steps; BatchNorm: {Norm}");
        foreach (var file in Files) Output.Line($"  wrote {file}");
    }
}
