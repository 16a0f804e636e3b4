using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using DataSsl.Cli.Recipes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Training;
using DataSsl.Jobs.Recipes;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using DataSsl.Search.Networks;
using static TorchSharp.torch;

namespace DataSsl.Cli.Survey;

/// <summary>Trains networks one by one, each as <c>train --arch</c> with the same options would.</summary>
internal sealed class SurveyTraining
{
    /// <summary>Seconds between lines of a run's metrics.</summary>
    private const double ReportEvery = 5;

    private readonly TrainVerbOptions o;
    private readonly ParseResult parsed;
    private readonly Device device;
    private readonly ImageSource source;
    private readonly Dictionary<int, ImageStore> stores = [];

    /// <exception cref="UserException">The images are missing, or fewer than a batch.</exception>
    public SurveyTraining(TrainVerbOptions o, ParseResult parsed, Device device)
    {
        (this.o, this.parsed, this.device, source) = (o, parsed, device, ImageSource.Open(parsed.Required(o.Data)));
        if (parsed.GetValue(o.Batch) is var batch && source.Count < batch)
            throw new UserException(
                FormattableString.Invariant($"--batch {batch}: {source.Root} holds {source.Count} images; give {source.Count} or less"));
    }

    /// <summary>Which images are learnt from.</summary>
    public string Fingerprint => source.Fingerprint;

    /// <summary>Whether decoded images are kept in a file.</summary>
    public bool IsCached => parsed.GetValue(o.Cache) is not null;

    /// <summary>Where they are.</summary>
    public string Root => source.Root;

    /// <summary>The images as views of a size in pixels are made from them; decoded once for each size.</summary>
    public ImageStore Images(int size)
    {
        if (stores.TryGetValue(size, out var store)) return store;
        return stores[size] = Jobs.Shared.Images.Load(source, size, PixelRule.ImageNet, parsed.GetValue(o.Cache));
    }

    /// <summary>Side in pixels of the images that a network learns from.</summary>
    public int Size(SurveyNetwork network) => network.Space.CheckSize(parsed.GetValue(o.Size) ?? network.Space.InputSize);

    /// <summary>Everything that decides a network's weights.</summary>
    /// <exception cref="UserException">It cannot be trained so.</exception>
    public TrainOptions Options(SurveyNetwork network) => o.Alone(parsed, network.Architecture, Images(Size(network)), device);

    /// <summary>The same by a hash, wherever the images lie.</summary>
    public static string HashOf(TrainOptions options) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes((options with { Data = "" }).ToJson())))[..16];

    /// <summary>Trains a network, or goes on with what a stopped survey left of its training, and keeps its weights.</summary>
    /// <param name="run">The run's folder, which is there.</param>
    /// <param name="weights">The file of its weights.</param>
    /// <exception cref="OperationCanceledException">Stopped; the run can be gone on with.</exception>
    /// <exception cref="DivergedException">The loss or a weight is not finite.</exception>
    public void Run(SurveyNetwork network, TrainOptions options, string run, string weights, CancellationToken cancellation)
    {
        using var follower = new TrainFollower { Display = new SilentDisplay(network.Name) };
        using var trainer = new Trainer(network.Space, options, Images(options.Size), device, run, follower, keep: 1);
        AtomicFile.WriteText(Path.Combine(run, RecipeText.FileName), RecipeText.Of(options));
        follower.OpenLog(run, trainer.Step);
        trainer.Run(new(TimeSpan.FromSeconds(ReportEvery), TimeSpan.FromSeconds(parsed.GetValue(o.SaveEvery))), cancellation);
        if (trainer.Step < trainer.Steps) throw new OperationCanceledException(cancellation);
        using var networks = Checkpoint.LoadNetworks(trainer.CheckpointPath, network.Space, CPU);
        NetworkWeights.Write(
            weights, networks.Student, network.Architecture,
            new Dictionary<string, string>
            {
                [FixedNetwork.SizeKey] = Wording.Number(options.Size),
                ["objective"] = options.Method.Objective.Name,
                ["training"] = HashOf(options),
            });
    }

    /// <summary>A survey tells of whole networks; what a training warns of is told with the network's name.</summary>
    private sealed class SilentDisplay(string network) : ITrainDisplay
    {
        public void Show(TrainProgress progress)
        {
        }

        public void Line(string text) => Notices.Tell($"{network}: {text}");
    }
}
