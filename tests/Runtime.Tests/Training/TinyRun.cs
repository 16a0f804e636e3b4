using DataSsl.Runtime.Data;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>A folder of pictures and runs of the trainer over it.</summary>
internal sealed class TinyRun : IDisposable
{
    public const int Images = 14;
    public const int StepsPerEpoch = Images / TinyModel.Batch;
    private readonly TemporaryFolder folder = new();

    /// <param name="images">How many pictures there are.</param>
    public TinyRun(int images = Images)
    {
        for (var i = 0; i < images; i++) folder.Write($"images/{"ab"[i % 2]}/{i:00}.png", Pictures.Encoded(Pictures.Waves(40, 36, i)));
        Store = ImageStore.Load(ImageFolder.Open(folder["images"]), new() { Canvas = 36, Workers = 1 });
    }

    public ImageStore Store { get; }

    public TrainOptions Options(int epochs) => new()
    {
        Space = "Tiny",
        SpaceHash = Tiny.Space.Hash,
        Data = folder["images"],
        DataFingerprint = "",
        Size = 32,
        Batch = TinyModel.Batch,
        Epochs = epochs,
        Rate = 0.05,
        Seed = 9,
        Compute = ComputeType.Float32,
        Method = TinyModel.Method,
    };

    /// <summary>Makes the named run's folder where it is missing.</summary>
    public string Folder(string name) => Directory.CreateDirectory(folder[name]).FullName;

    /// <summary>What the trainers of this run reported.</summary>
    public Recorder Observer { get; } = new();

    /// <param name="teacher">How to come by the foreign teacher that the objective asks for; null for a <see cref="TinyTeacher"/>.</param>
    /// <param name="space">Null for <see cref="Tiny"/>.</param>
    public Trainer Trainer(
        TrainOptions options, string name, int keep = 1, Func<ForeignTeacher>? teacher = null, SearchSpace? space = null,
        ProcessGroup? processes = null) =>
        new(
            space ?? Tiny.Space, TinyTeacher.Under(options), Store, CPU, Folder(name), Observer, keep, processes,
            teacher: options.Method.Objective.HasForeignTeacher ? new(teacher ?? (() => new TinyTeacher()), _ => Store) : null);

    /// <summary>Trains until a step, or to the end.</summary>
    public void Train(Trainer trainer, long until = long.MaxValue, double saveEvery = 1e6, int evaluateEvery = 0)
    {
        using var stop = new CancellationTokenSource();
        Observer.Reported = p => { if (p.Step >= until) stop.Cancel(); };
        trainer.Run(new(TimeSpan.Zero, TimeSpan.FromSeconds(saveEvery), evaluateEvery), stop.Token);
    }

    /// <summary>Keeps all that a run tells.</summary>
    internal sealed class Recorder : ITrainObserver
    {
        public Action<TrainProgress>? Reported { get; set; }

        /// <summary>The score of an epoch; null for none.</summary>
        public Func<int, double?> Score { get; set; } = _ => null;

        public List<TrainProgress> Progress { get; } = [];

        public List<string> Notices { get; } = [];

        public void Report(TrainProgress progress)
        {
            Progress.Add(progress);
            Reported?.Invoke(progress);
        }

        public void Notice(string line) => Notices.Add(line);

        public double? Evaluate(int epoch) => Score(epoch);
    }

    public void Dispose() => folder.Dispose();
}
