using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Dense.Heads;
using DataSsl.Dense.Training;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Jobs.DenseTasks;

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
        request.Source.MustShowColours("a detector or segmenter");
        if (request.Source.Architecture is { } architecture) SubnetBackbone.MustHaveMaps(architecture.Space);
        var state = folder is null ? null : Path.Combine(folder, StateFile);
        if (resume && (state is null || !File.Exists(state)))
            throw new UserException(
                $"--resume: {(state is null ? "give --out" : $"there is no {state} to go on with; leave --resume away to begin")}");
        var watch = Stopwatch.StartNew();
        var data = request.Load();
        if (folder is not null)
        {
            RunFolder.Take(folder);
            RegularFile.MustBe(Path.Combine(folder, EvaluationJob.RecordFile));
        }
        return Run(data, state, resume, watch, cancellation);
    }

    /// <summary>Trains and scores on images that were read already.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="data">Its images.</param>
    /// <param name="state">Where the training is kept until it is over; what is there is gone on with, and stays.</param>
    /// <exception cref="OperationCanceledException">Stopped; what was done is in that file.</exception>
    public static DenseResult Run(DenseRequest request, DenseData data, string state, CancellationToken cancellation) =>
        new DenseJob(request, null).Run(data, state, File.Exists(state), Stopwatch.StartNew(), cancellation);

    private DenseResult Run(DenseData data, string? state, bool resume, Stopwatch watch, CancellationToken cancellation)
    {
        ProcessMemory.KeepFreed();
        var labelled = data.Train.Share(request.Labels, request.Seed);
        using var scope = NewDisposeScope();
        var (source, settings) = (request.Source, request.Settings with { Classes = data.Classes });
        var backbone = source.Build(
            new EvaluationImages(data.TrainImages, source.Size, request.Device), request.Calibration, request.Device);
        var norm = request.TrainsNorm
            ? "trained"
            : source.BatchNorm(backbone, data.TrainImages.Count, request.Calibration) + ", frozen";
        using var network = DenseNetwork.Of(settings, backbone, source.Size, request.Seed, request.Device);
        var seconds = Train(network, data, labelled, state, resume, cancellation);
        var scores = DenseScores.Of(network, data, request.Seed, request.Device, cancellation);
        var record = Record(data, labelled.Count, norm, scores, seconds, watch.Elapsed);
        return new(request, data, labelled.Count, norm, scores, record, Keep(data, network, scores, record));
    }

    /// <summary>Writes what is kept of it, and gives its files.</summary>
    private IReadOnlyList<string> Keep(DenseData data, DenseNetwork network, DenseScores scores, JsonObject record)
    {
        if (folder is null) return [];
        var path = Path.Combine(folder, DenseCheckpoint.FileOf(request.Settings.Task));
        DenseCheckpoint.Write(path, network, Origin(), (JsonObject)record.DeepClone());
        var page = Path.Combine(folder, DensePage.FileName);
        AtomicFile.WriteText(page, new DensePage(request, data, network, scores).Render());
        File.Delete(Path.Combine(folder, StateFile));
        return [path, page];
    }

    /// <summary>Gives the seconds a step.</summary>
    private double Train(
        DenseNetwork network, DenseData data, DenseExamples labelled, string? state, bool resume, CancellationToken cancellation)
    {
        var (options, identity) = (request.Options(labelled.Count), request.Identity(data, labelled.Count));
        using var training = new DenseTraining(network, labelled, options, request.Seed, request.Device);
        if (resume) training.Load(state!, identity);
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
            if (state is not null) training.Save(state, identity);
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
}
