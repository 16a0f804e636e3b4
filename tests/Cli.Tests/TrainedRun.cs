using DataSsl.Demo;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Cli.Tests;

/// <summary>
/// A checkpoint of a space with random weights, a few painted images, and a search of both: what verbs after training start from.
/// </summary>
public class TrainedRun : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("datassl-cli-");
    private readonly SearchSpace space;
    private int folders;

    /// <summary>Of the Demo space.</summary>
    public TrainedRun() : this(Spaces.Demo.Space, "2-3M,params<=300K")
    {
    }

    /// <param name="budgets">Two that the space has networks in.</param>
    private protected TrainedRun(SearchSpace space, string budgets)
    {
        (this.space, Budgets) = (space, budgets);
        Data = File("images");
        foreach (var entry in DemoSet.Plan(16).Where(e => e.Domain == DemoSet.Domains[0].Domain))
        {
            var path = Path.Combine(Data, entry.Label, $"{entry.Index}.png");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            ImageFile.Save(path, Paint(entry));
        }
        Directory.CreateDirectory(Run);
        WriteCheckpoint(Checkpoint, seed: 1);
        SearchFolder = NewFolder();
        Command.Succeed(
            "search", "--checkpoint", Run, "--data", Data, "--budgets", budgets, "--tasks", "classification,segmentation", "--images", "8",
            "--size", "32",
            "--candidates", "3", "--out", SearchFolder);
    }

    private protected virtual Image Paint(DemoEntry entry) => entry.Render();

    public string Data { get; }

    public string Budgets { get; }

    public string Run => File("run");

    public string Checkpoint => Path.Combine(Run, CheckpointFolder.NewestFile);

    public string SearchFolder { get; }

    public string Result => Path.Combine(SearchFolder, "search.json");

    public string File(string name) => Path.Combine(root.FullName, name);

    /// <summary>A path below the fixture's folder where nothing is yet.</summary>
    public string NewFolder() => File($"out{folders++}");

    /// <summary>Painted pictures of three classes in folders by class: 10 of each to learn from, 5 to test on.</summary>
    public (string Train, string Test) LabelledSets()
    {
        var (train, test) = (File("labelled-train"), File("labelled-test"));
        if (Directory.Exists(train)) return (train, test);
        var (domain, classes) = DemoSet.Domains[0];
        foreach (var entry in DemoSet.Plan(15 * classes.Count).Where(e => e.Domain == domain && classes.Take(3).Contains(e.Label)))
        {
            var folder = Directory.CreateDirectory(Path.Combine(entry.Index < 10 ? train : test, entry.Label));
            ImageFile.Save(Path.Combine(folder.FullName, $"{entry.Index}.png"), Paint(entry));
        }
        return (train, test);
    }

    /// <summary>A list of a few architectures, which takes less to time than a whole space.</summary>
    public string Listed()
    {
        System.IO.File.WriteAllText(File("listed.txt"), "Min\n#1\n#2\n");
        return File("listed.txt");
    }

    public void WriteCheckpoint(string path, long seed)
    {
        var objective = new MoCoOptions(Dimension: 16, Hidden: 32, QueueLength: 16);
        var options = new TrainOptions
        {
            Space = space.Name,
            SpaceHash = space.Hash,
            Data = Data,
            DataFingerprint = new('0', 64),
            Size = space.InputSize,
            Batch = 8,
            Epochs = 1,
            Rate = 0.1,
            Seed = seed,
            Compute = ComputeType.Float32,
            Method = new(objective, new(OptimizerKind.Sgd, WeightDecay: 1e-4, DecayVectors: true), objective.Plan(32)),
        };
        using var model = new Pretraining(space, options.Method, CPU, ScalarType.Float32, seed);
        Runtime.Training.Checkpoint.Save(path, model, options, step: 12);
    }

    public void Dispose()
    {
        root.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }
}
