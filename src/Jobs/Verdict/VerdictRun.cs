using System.Diagnostics;
using System.Globalization;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using DataSsl.Search.Costs;
using DataSsl.Search.Report;
using DataSsl.Search.Results;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Verdict;

/// <summary>Measures the winner and what a user could take in its place on the user's few labels, and says which is worth having.</summary>
internal sealed class VerdictRun(SpaceCatalogue spaces, VerdictRequest request, Device device)
{
    public const string PageFile = "verdict.html";

    private readonly List<long> seeds = [.. Enumerable.Range(0, request.Seeds).Select(i => request.Seed + i)];

    /// <summary>Measures what is missing, and writes the result and its page into the request's folder.</summary>
    /// <exception cref="OperationCanceledException">Stopped; what was done is in the files.</exception>
    public VerdictReport Run(CancellationToken cancellation)
    {
        var columns = Columns();
        var by = By(columns);
        var networks = new VerdictNetworks(spaces, request, device);
        RunFolder.TakeIfThere(request.Folder);
        var largest = networks.All.Max(n => n.Size);
        var data = LabelledData.Load(request.Data, request.Test, request.Seed, PixelRule.ImageNet, "--data", apart: true);
        RunFolder.Take(request.Folder);
        var file = VerdictFile.Open(request.Folder, data.Test.Count, Identity(data, largest), request.Resume);
        // The winner first: what is wrong with it is better told now than after hours.
        Measure(
            file, [networks.Winner, networks.Given, .. networks.All.Where(n => n.Role is "handcrafted" or "random").Reverse()], columns,
            data, cancellation);
        var report = Report(file, networks, columns, by, data);
        VerdictReportJson.Write(report, Path.Combine(request.Folder, VerdictReportJson.FileName));
        AtomicFile.WriteText(Path.Combine(request.Folder, PageFile), HtmlReport.Render(report));
        SearchFiles.Renew(spaces, request.Folder);
        return report;
    }

    private sealed record Column(string Name, EvaluationMethod Method, double Share)
    {
        public int Labelled(LabelledPart train, long seed) => LabelShare.Balanced(train.Labels, Share, seed).Length;
    }

    private List<Column> Columns() =>
    [
        .. from method in request.Methods
           from share in method is FineTuneMethod ? request.Shares : [request.Shares[^1]]
           select new Column(method is FineTuneMethod ? $"{method.Name}@{VerdictText.Share(share)}" : method.Name, method, share),
    ];

    /// <summary>The column that decides, by its name or, of the largest share, its method's.</summary>
    private Column By(List<Column> columns) =>
        request.By is not { } name ? columns[^1]
        : columns.LastOrDefault(
            c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || c.Method.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new UserException($"--by {name}: no figure of this verdict; give {string.Join(", ", columns.Select(c => c.Name))}");

    /// <summary>
    /// What a figure is of: neighbours among all labelled images are the same whatever the seed, unless the weights are not.
    /// </summary>
    private VerdictCell Cell(VerdictNetwork network, Column column, LabelledData data, long seed)
    {
        var labelled = column.Labelled(data.Train, seed);
        var isOne = column.Method is KnnMethod && labelled == data.Train.Count && !network.IsDrawn;
        return new(
            network.IsDrawn ? FormattableString.Invariant($"{network.Identity} of {seed}") : network.Identity, column.Method.ToString(),
            labelled, isOne ? request.Seed : seed);
    }

    private List<(VerdictNetwork Network, Column Column, long Seed, VerdictCell Cell)> Cells(
        IReadOnlyList<VerdictNetwork> networks, List<Column> columns, LabelledData data) =>
    [
        .. (from network in networks
            from seed in seeds
            from column in columns
            select (Network: network, Column: column, Seed: seed, Cell: Cell(network, column, data, seed))).DistinctBy(c => c.Cell),
    ];

    /// <summary>Measures each network for a moment, and reckons what all figures would take.</summary>
    public VerdictPlan Plan()
    {
        var columns = Columns();
        By(columns);
        var networks = new VerdictNetworks(spaces, request, device);
        var data = LabelledData.Load(request.Data, request.Test, request.Seed, PixelRule.ImageNet, "--data", apart: true);
        var cells = Cells(networks.All, columns, data);
        var timing = Stopwatch.StartNew();
        WholeNetworks.Measure([.. networks.All.DistinctBy(n => n.Shape).Select(n => (n.Architecture, n.Size))], device);
        var seconds = timing.Elapsed.TotalSeconds;
        foreach (var group in cells.GroupBy(c => c.Network.Shape))
        {
            var network = group.First().Network;
            using var scope = NewDisposeScope();
            using var module = network.Source(request.Seed)
                .Build(new(data.Train.Store, network.Size, device, data.Train.Indices), request.Calibration, device);
            var probe = new VerdictProbe(
                new(module, data.Train, data.Test, data.Classes, network.Size, request.Seed, request.Calibration, device));
            seconds += group.Sum(c => probe.Seconds(c.Column.Method, c.Cell.Labelled));
            // Each network is made once, and one with drawn weights once a seed.
            seconds += group.Select(c => (c.Network, Seed: c.Network.IsDrawn ? c.Seed : 0)).Distinct().Count() * probe.CalibrationSeconds;
        }
        return new(cells.Count, seconds, ProcessMemory.PeakBytes(), VerdictFile.Bytes(cells.Count, data.Test.Count));
    }

    private void Measure(
        VerdictFile file, IReadOnlyList<VerdictNetwork> networks, List<Column> columns, LabelledData data, CancellationToken cancellation)
    {
        var cells = Cells(networks, columns, data);
        var missing = cells.Where(c => file.Of(c.Cell) is null).ToList();
        if (missing.Count < cells.Count) Notices.Tell($"{cells.Count - missing.Count:N0} of {cells.Count:N0} figures are known");
        var (watch, done, work, all) = (Stopwatch.StartNew(), 0, 0.0, missing.Sum(c => Work(c.Network, c.Column, c.Cell.Labelled, data)));
        // A network whose weights are drawn is another for each seed.
        foreach (var group in missing.GroupBy(c => (c.Network, Seed: c.Network.IsDrawn ? c.Seed : 0)))
        {
            cancellation.ThrowIfCancellationRequested();
            var (network, _) = group.Key;
            using var scope = NewDisposeScope();
            using var module = network.Source(group.First().Seed)
                .Build(new(data.Train.Store, network.Size, device, data.Train.Indices), request.Calibration, device);
            var kept = module.state_dict().Select(entry => (entry.Value, Copy: entry.Value.clone())).ToList();
            foreach (var (_, column, seed, cell) in group)
            {
                cancellation.ThrowIfCancellationRequested();
                var started = watch.Elapsed;
                var labelled = data.Train.At(LabelShare.Balanced(data.Train.Labels, column.Share, seed));
                var (accuracy, right, options) = column.Method.Run(
                    new(module, labelled, data.Test, data.Classes, network.Size, seed, request.Calibration, device));
                if (column.Method is FineTuneMethod) Restore(kept);
                var took = watch.Elapsed - started;
                file.Add(cell, right, options, took);
                work += Work(network, column, cell.Labelled, data);
                Notices.Tell(
                    $"{++done:N0} of {missing.Count:N0} figures: {network.Name}, {column.Name}, seed {seed}: {AccuracyText.Of(accuracy.Top1)} in {Wording.Short(took)}; {Wording.Short(watch.Elapsed * ((all - work) / work))} left");
            }
        }
    }

    /// <summary>Multiply-accumulates of a figure, by which the time left is reckoned: a step of training counts three passes.</summary>
    private static double Work(VerdictNetwork network, Column column, int labelled, LabelledData data) =>
        (double)network.Macs * ((column.Method is FineTuneMethod tuned ? 3.0 * tuned.How.Epochs : 1) * labelled + data.Test.Count);

    /// <summary>A network as it was before it was fine-tuned.</summary>
    private static void Restore(IEnumerable<(Tensor Value, Tensor Copy)> kept)
    {
        using var grad = no_grad();
        foreach (var (value, copy) in kept) value.copy_(copy);
    }

    private VerdictReport Report(VerdictFile file, VerdictNetworks networks, List<Column> columns, Column by, LabelledData data)
    {
        var right = networks.All.ToDictionary(
            n => n,
            n => columns.ToDictionary(c => c, c => (IReadOnlyList<bool[]>)[.. seeds.Select(seed => file.Of(Cell(n, c, data, seed))!)]));
        var times = Times(file, networks.All);
        var (winner, latency) = (right[networks.Winner], times[networks.Winner].Seconds);
        var decision = VerdictDecision.Of(winner[by], Rival(networks.Given), networks.Handcrafted is { } h ? Rival(h) : null, request.Seed);
        return new(
            decision.Sentence, decision, by.Name,
            [.. columns.Select(c => new VerdictColumn(c.Name, c.Method.Name, c.Share, c.Labelled(data.Train, request.Seed)))],
            [.. networks.All.Select(n => new VerdictRow(
                n.Role, n.Role == "handcrafted"
                    ? $"{n.Name}, trained by us"
                    : n.Name, n.Origin, n.Architecture.Space.Name, n.Architecture.ToString(), n.Size, n.Macs,
                    n.Architecture.Space.Parameters(n.Architecture),
                times[n].WeightBytes, times[n].Seconds, [.. columns.Select(c => Figure(n, c))]))],
            networks.LeftOut, request.Seeds, data.Test.Count, Origin(networks, data), Math.Round(file.Seconds, 1));

        (string, double, IReadOnlyList<bool[]>) Rival(VerdictNetwork n) => (n.Name, latency / times[n].Seconds, right[n][by]);

        VerdictFigure Figure(VerdictNetwork n, Column c)
        {
            List<double> bySeed = [.. right[n][c].Select(one => one.Count(r => r) / (double)one.Length)];
            // Of all at once: a mean of rounded shares may lie below a half that terminal and page then round apart.
            var accuracy = right[n][c].Sum(one => one.Count(r => r)) / (double)right[n][c].Sum(one => one.Length);
            return new(accuracy, bySeed, n == networks.Winner ? null : PairedDifference.Of(winner[c], [right[n][c]], request.Seed)[0]);
        }
    }

    /// <summary>Times of all networks, taken together once on this machine; those of one architecture have one.</summary>
    private Dictionary<VerdictNetwork, (double Seconds, long WeightBytes)> Times(VerdictFile file, IReadOnlyList<VerdictNetwork> networks)
    {
        var (machine, shapes) = (Checkpoint.Machine(device), networks.Select(n => n.Shape).Distinct().ToList());
        if (file.Times(machine, shapes) is null)
        {
            Notices.Tell($"timing {shapes.Count} networks");
            var watch = Stopwatch.StartNew();
            file.Add(
                machine, shapes,
                WholeNetworks.Measure([.. networks.DistinctBy(n => n.Shape).Select(n => (n.Architecture, n.Size))], device), watch.Elapsed);
        }
        var times = file.Times(machine, shapes)!;
        return networks.ToDictionary(n => n, n => times[shapes.IndexOf(n.Shape)]);
    }

    /// <summary>What every figure depends on beside its network, method, labels and seed.</summary>
    /// <param name="canvas">Side in pixels of the largest network's images.</param>
    private Dictionary<string, string> Identity(LabelledData data, int canvas) => new()
    {
        ["training images"] = data.Train.Store.Source.Fingerprint[..16],
        ["test images"] = data.Test.Store.Source.Fingerprint[..16],
        ["split"] = data.Split,
        ["test count"] = data.Test.Count.ToString(CultureInfo.InvariantCulture),
        ["canvas"] = canvas.ToString(CultureInfo.InvariantCulture),
        ["calibration"] = request.Calibration.ToString(),
    };

    private Dictionary<string, string> Origin(VerdictNetworks networks, LabelledData data) => new()
    {
        ["winner"] = networks.Winner.Origin,
        ["winner's weights"] = networks.Winner.Weights,
        [SearchedRun.WinnersCheckpointKey] = networks.Winner.Checkpoint ?? SearchedRun.Unknown,
        ["given weights"] = $"{networks.Given.Origin} ({networks.Given.Weights})",
        ["handcrafted"] = networks.Handcrafted is { } h ? $"{h.Origin} ({h.Weights})" : "none",
        ["training images"] = FormattableString.Invariant(
            $"{data.Train.Store.Source.Root} ({data.Train.Store.Source.Fingerprint[..16]}), {data.Train.Count:N0} of {data.Classes} classes"),
        ["test images"] = FormattableString.Invariant(
            $"{data.Test.Store.Source.Root} ({data.Test.Store.Source.Fingerprint[..16]}), {data.Test.Count:N0} ({data.Split})"),
        ["seeds"] = string.Join(", ", seeds.Select(seed => seed.ToString(CultureInfo.InvariantCulture))),
        ["methods"] = string.Join("; ", request.Methods),
        ["machine"] = Checkpoint.Machine(device),
        ["datassl"] = Product.Version,
        [Provenance.Command] = NextCommand.Of("verdict", request.Words()),
    };
}
