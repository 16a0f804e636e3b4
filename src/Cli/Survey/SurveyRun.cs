using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DataSsl.Cli.Shared;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Networks;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Cli.Survey;

/// <summary>
/// Trains and measures the networks of a survey. Processes that share one take networks from the list as they come free, the dearest first:
/// who works on a network holds its folder, and what is known of it is in the survey's file.
/// </summary>
/// <param name="training">How networks are trained; null where none is.</param>
/// <param name="processes">Those that share the work; null for this one alone.</param>
internal sealed class SurveyRun(
    SpaceCatalogue spaces, SurveyRequest request, SurveyTraining? training, Device device, ProcessGroup? processes) : IDisposable
{
    private const string NetworksFolder = "networks";
    private readonly Dictionary<string, LabelledData> data = [];
    private NetworkPair? slices;

    private bool IsFirst => processes is not { Rank: > 0 };

    /// <summary>Measures what is missing.</summary>
    /// <returns>What is known at the end; null in a process after the first.</returns>
    /// <exception cref="OperationCanceledException">Stopped; what was done is in the folder.</exception>
    public SurveyOutcome? Run(CancellationToken cancellation)
    {
        var (subjects, scenarios) = Read();
        if (IsFirst) RunFolder.TakeIfThere(request.Folder);
        // What is wrong with images or settings is better told before the first training than after it.
        foreach (var scenario in scenarios) data.Add(scenario.Name, scenario.Load(request.Seed));
        // One process makes the file of decoded images, the others map it.
        var inTurn = training is { IsCached: true };
        if (inTurn && processes is { Rank: > 0 }) processes.Barrier();
        var options = subjects.Where(subject => !subject.IsSlice).ToDictionary(s => s, s => training!.Options(s.Network));
        if (inTurn && processes is { Rank: 0 }) processes.Barrier();
        var file = Open(scenarios);
        foreach (var (subject, run) in options)
            if (file.Trained(subject.Network.Key) is { } trained && trained.Training != SurveyTraining.HashOf(run))
                throw new UserException(
                    $"{Path.Combine(request.Folder, SurveyFile.FileName)}: {subject.Network.Name} was trained otherwise (by other options, or on other images); give the same, or begin anew without --resume");
        Work(file, subjects, scenarios, options, cancellation);
        processes?.Barrier();
        if (!IsFirst) return null;
        file.Refresh();
        return new(file, subjects, scenarios, data);
    }

    /// <summary>The networks and scenarios, before any image is decoded.</summary>
    public (IReadOnlyList<SurveySubject> Subjects, IReadOnlyList<SurveyScenario> Scenarios) Read()
    {
        var supernet = request.Supernet is { } path ? SearchJob.Searchable(CheckpointFolder.FileOf(path)).Options : null;
        var space = supernet is null ? null : spaces.Find(supernet.Space);
        if (space is not null) Checkpoint.Check(CheckpointFolder.FileOf(request.Supernet!), space);
        var networks = SurveyNetwork.Read(spaces, request.Networks, space);
        if (networks.FirstOrDefault(n => n.Space.InputChannels != PixelFormat.Rgb.Bands) is { } other)
            throw new UserException(
                $"{request.Networks}: {other.Name} takes images of {other.Space.InputChannels} channels, and a survey's are red, green and blue; leave it out");
        var scenarios = SurveyScenario.Read(request.Scenarios, request.Labels);
        foreach (var scenario in scenarios)
            foreach (var network in networks)
                if (scenario.Size is { } size) network.Space.CheckSize(size, $"{scenario.Place}: size");
        if (supernet is null) return ([.. networks.Select(n => new SurveySubject(n, IsSlice: false, training!.Size(n)))], scenarios);
        var own = space!.CheckSize(request.Size ?? supernet.Size);
        if (request.Sample > networks.Count)
            throw new UserException($"--sample {request.Sample}: {request.Networks} lists {networks.Count}; give that or less");
        var sampled = CounterRandom.For((ulong)request.Seed, "survey sample").Permutation(networks.Count).Take(request.Sample ?? 0).Order();
        return ([
            .. networks.Select(n => new SurveySubject(n, IsSlice: true, own)),
            .. sampled.Select(n => new SurveySubject(networks[n], IsSlice: false, training!.Size(networks[n]))),
        ], scenarios);
    }

    /// <summary>What all figures depend on, beside the network, the scenario and the method.</summary>
    private Dictionary<string, string> Identity()
    {
        var identity = new Dictionary<string, string>
        {
            ["seed"] = request.Seed.ToString(CultureInfo.InvariantCulture),
            ["calibration"] = request.Calibration.ToString(),
        };
        if (request.Supernet is { } path) identity.Add("supernet", Checkpoint.Hash(CheckpointFolder.FileOf(path)));
        if (training is not null) identity.Add("images", training.Fingerprint[..16]);
        return identity;
    }

    private SurveyFile Open(IReadOnlyList<SurveyScenario> scenarios)
    {
        if (IsFirst)
        {
            RunFolder.Take(request.Folder);
            RunFolder.Make(Path.Combine(request.Folder, NetworksFolder));
            var begun = SurveyFile.Open(request.Folder, Identity(), request.Resume);
            foreach (var scenario in scenarios) begun.Add(scenario.Name, ImagesOf(scenario));
            processes?.Barrier();
            return begun;
        }
        processes!.Barrier();
        return SurveyFile.Open(request.Folder, Identity(), resume: true);
    }

    /// <summary>What a scenario's figures depend on.</summary>
    private string ImagesOf(SurveyScenario scenario)
    {
        var of = data[scenario.Name];
        var (train, test, split) = (of.Train.Store.Fingerprint[..16], of.Test.Store.Fingerprint[..16], scenario.Test is null);
        return FormattableString.Invariant(
            $"{train} and {test}, {of.Train.Count} and {of.Test.Count} images of {of.Classes} classes ({(split ? "held out" : "given")}), {100 * scenario.Labels}% of the labels{(scenario.Size is { } size ? FormattableString.Invariant($", {size} px") : "")}");
    }

    private void Work(
        SurveyFile file, IReadOnlyList<SurveySubject> subjects, IReadOnlyList<SurveyScenario> scenarios,
        Dictionary<SurveySubject, TrainOptions> options, CancellationToken cancellation)
    {
        var missing = subjects.Where(subject => !IsDone(file, subject, scenarios)).ToList();
        if (missing.Count < subjects.Count)
            Notices.Tell($"{subjects.Count - missing.Count:N0} of {subjects.Count:N0} networks are measured already");
        var work = missing.ToDictionary(subject => subject, subject => WorkOf(subject, scenarios, options.GetValueOrDefault(subject)));
        // Who comes free last should have little left to do.
        if (processes is not null) missing = [.. missing.OrderByDescending(subject => work[subject])];
        var (watch, done, all) = (Stopwatch.StartNew(), 0.0, work.Values.Sum());
        foreach (var (index, subject) in missing.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            var begun = watch.Elapsed;
            var said = Share(file, subject, scenarios, options.GetValueOrDefault(subject), cancellation);
            done += work[subject];
            if (said is null) continue;
            var (took, left) = (Wording.Short(watch.Elapsed - begun), Wording.Short(watch.Elapsed * ((all - done) / done)));
            var way = request.Supernet is null ? "" : subject.IsSlice ? ", a slice" : ", alone";
            Notices.Tell(
                $"{index + 1:N0} of {missing.Count:N0} networks: {subject.Network.Name}{way}: {said}, in {took}; {left} left");
        }
    }

    private bool IsDone(SurveyFile file, SurveySubject subject, IReadOnlyList<SurveyScenario> scenarios) =>
        !subject.IsSlice && file.Trained(subject.Network.Key)?.Diverged is not null
            || scenarios.All(s => request.Methods.All(m => file.Of(subject.Cell(s, m)) is not null));

    /// <summary>Multiply-accumulates, by which the time left is reckoned.</summary>
    private double WorkOf(SurveySubject subject, IReadOnlyList<SurveyScenario> scenarios, TrainOptions? options)
    {
        var (space, architecture) = (subject.Network.Space, subject.Network.Architecture);
        var learning = options is null
            ? 0
            : (double)options.Method.MacsPerImage(space, (ulong)options.Seed) * options.Epochs * training!.Images(options.Size).Count;
        return learning + scenarios.Sum(scenario =>
        {
            var of = data[scenario.Name];
            var passes = request.Methods.Sum(
                m => of.Test.Count + scenario.Labels * of.Train.Count * (m is FineTuneMethod tuned ? 3.0 * tuned.How.Epochs : 1));
            return space.Macs(architecture, scenario.Size ?? subject.Size) * passes;
        });
    }

    /// <summary>Measures a network, unless another process does, or has.</summary>
    /// <returns>What was found, in words; null where there was nothing to do.</returns>
    private string? Share(
        SurveyFile file, SurveySubject subject, IReadOnlyList<SurveyScenario> scenarios, TrainOptions? options,
        CancellationToken cancellation)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject.Network.Key)))[..12];
        var home = Path.Combine(request.Folder, NetworksFolder, subject.IsSlice ? $"{name}.slice" : name);
        if (processes is null && subject.IsSlice) return Measure(file, subject, scenarios, cancellation);
        Directory.CreateDirectory(home);
        using (var held = processes is null ? null : RunFolder.TryHold(home))
        {
            if (processes is not null && held is null) return null;
            if (processes is not null) file.Refresh();
            var isDone = IsDone(file, subject, scenarios);
            var weights = Path.Combine(NetworksFolder, $"{name}.safetensors");
            if (!isDone && options is not null) Train(file, subject, options, home, weights, cancellation);
            var said = isDone ? null : Measure(file, subject, scenarios, cancellation);
            if (subject.IsSlice || !request.KeepRuns) Directory.Delete(home, recursive: true);
            return said;
        }
    }

    /// <summary>Trains a network, unless it is.</summary>
    /// <param name="run">The folder of its run.</param>
    /// <param name="weights">The file of its weights, relative to the survey's folder.</param>
    private void Train(
        SurveyFile file, SurveySubject subject, TrainOptions options, string run, string weights, CancellationToken cancellation)
    {
        if (file.Trained(subject.Network.Key) is not null) return;
        var (watch, path, hash) = (Stopwatch.StartNew(), Path.Combine(request.Folder, weights), SurveyTraining.HashOf(options));
        try
        {
            training!.Run(subject.Network, options, run, path, cancellation);
            file.Add(subject.Network.Key, new(hash, weights, Checkpoint.Hash(path), null), watch.Elapsed);
        }
        catch (DivergedException e)
        {
            file.Add(subject.Network.Key, new(hash, null, null, e.Message), watch.Elapsed);
        }
    }

    /// <summary>Measures what is missing of a network whose weights are there.</summary>
    /// <returns>Its accuracies by the method that decides, in words.</returns>
    private string Measure(
        SurveyFile file, SurveySubject subject, IReadOnlyList<SurveyScenario> scenarios, CancellationToken cancellation)
    {
        if (!subject.IsSlice && file.Trained(subject.Network.Key) is { Diverged: { } why }) return why;
        using var weights = subject.IsSlice ? null : Weights(file, subject.Network);
        var net = weights?.Net ?? Supernet(subject.Network.Space);
        foreach (var scenario in scenarios)
        {
            // Fine-tuning leaves other weights behind: it is last.
            var missing = request.Methods.Where(m => file.Of(subject.Cell(scenario, m)) is null).OrderBy(m => m is FineTuneMethod).ToList();
            if (missing.Count == 0) continue;
            cancellation.ThrowIfCancellationRequested();
            var (of, size) = (data[scenario.Name], scenario.Size ?? subject.Size);
            using var scope = NewDisposeScope();
            using var network = NetworkSource.Calibrated(
                net, subject.Network.Architecture, new(of.Train.Store, size, device, of.Train.Indices), request.Calibration, device);
            var labelled = of.Train.At(LabelShare.Balanced(of.Train.Labels, scenario.Labels, request.Seed));
            foreach (var method in missing)
            {
                var watch = Stopwatch.StartNew();
                var (_, right, how) = method.Run(
                    new(network, labelled, of.Test, of.Classes, size, request.Seed, request.Calibration, device));
                file.Add(subject.Cell(scenario, method), right, how, watch.Elapsed);
            }
        }
        return string.Join(", ", scenarios.Select(s => (s.Name, Right: file.Of(subject.Cell(s, request.Methods[0]))!)).Select(
            s => FormattableString.Invariant($"{s.Name} {100.0 * s.Right.Count(one => one) / s.Right.Length:0.0} %")));
    }

    private NetworkWeights Weights(SurveyFile file, SurveyNetwork network)
    {
        var path = Path.Combine(request.Folder, file.Trained(network.Key)!.File!);
        if (!File.Exists(path))
            throw new UserException($"{path}: the weights of {network.Name} are gone; put them back, or begin anew without --resume");
        if (Checkpoint.Hash(path) != file.Trained(network.Key)!.Hash)
            throw new UserException($"{path}: not the weights of {network.Name} that were kept; put those back, or begin anew without --resume");
        return NetworkWeights.Read(path, network.Architecture, device);
    }

    private Supernet Supernet(SearchSpace space) =>
        (slices ??= Checkpoint.LoadNetworks(CheckpointFolder.FileOf(request.Supernet!), space, device)).Student;

    /// <inheritdoc/>
    public void Dispose() => slices?.Dispose();
}

/// <summary>What a survey knows once all is measured.</summary>
/// <param name="Data">Of each scenario, by its name.</param>
internal sealed record SurveyOutcome(
    SurveyFile File, IReadOnlyList<SurveySubject> Subjects, IReadOnlyList<SurveyScenario> Scenarios,
    IReadOnlyDictionary<string, LabelledData> Data);
