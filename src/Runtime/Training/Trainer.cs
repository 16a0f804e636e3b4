using System.Diagnostics;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Architectures;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Runtime.Views;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>Trains a supernet or a single network over a store of images, from any step to the end, and saves on the way.</summary>
public sealed class Trainer : IDisposable
{
    /// <summary>The run's configuration in its folder: <see cref="TrainOptions"/>.</summary>
    public const string OptionsFile = "train.json";

    /// <summary>What a foreign teacher said of each image, where it is shown them as they are.</summary>
    public const string TeacherFile = ForeignTargets.FileName;

    /// <summary>Below this <see cref="Pretraining.Spread"/> a run has collapsed: its features no longer tell images apart.</summary>
    public const double CollapsedSpread = 0.05;

    /// <summary>Below this <see cref="Pretraining.Information"/> too.</summary>
    public const double CollapsedInformation = 0.01;

    private readonly TrainOptions options;
    private readonly ImageStore images;
    private readonly Device device;
    private readonly CheckpointFolder checkpoints;
    private readonly ITrainObserver observer;
    private readonly int stepsPerEpoch;
    private readonly ProcessGroup? processes;
    private readonly ForeignTargets? foreign;
    private readonly HeldOutImages? heldOut;
    private bool collapsed;
    private bool fallen;

    /// <summary>Prepares a run in a folder; with a checkpoint there it continues, otherwise it starts.</summary>
    /// <param name="space">What is trained.</param>
    /// <param name="options">Everything that decides the weights.</param>
    /// <param name="images">What it is trained on.</param>
    /// <param name="device">Where.</param>
    /// <param name="folder">Holds the run: configuration and checkpoints.</param>
    /// <param name="observer">Follows the run.</param>
    /// <param name="keep">Checkpoints kept, the newest included.</param>
    /// <param name="processes">That train together; null for this one alone. The first reads and writes the folder and reports; the others
    /// follow it.</param>
    /// <param name="start">Fills the student's weights where <see cref="TrainOptions.From"/> says so and there is no checkpoint
    /// yet.</param>
    /// <param name="teacher">Where <see cref="TrainOptions.Teacher"/> comes from, where there is one.</param>
    /// <exception cref="UserException">Too few images, or the checkpoint is damaged, of another space or of other settings, or the
    /// processes do not fit the batch or one another.</exception>
    public Trainer(
        SearchSpace space, TrainOptions options, ImageStore images, Device device, string folder, ITrainObserver observer, int keep = 2,
        ProcessGroup? processes = null, Action<ParameterStore>? start = null, TeacherSource? teacher = null)
    {
        if (options.Teacher is not null && teacher is null)
            throw new ArgumentException("the run learns from a foreign teacher, and none is there", nameof(teacher));
        if (options.From is not null && start is null)
            throw new ArgumentException("the run starts from given weights, and none are there", nameof(start));
        this.processes = processes;
        (this.options, this.images, this.device, this.observer, checkpoints) = (options, images, device, observer, new(folder, keep));
        if (images.Count < options.Batch)
            throw new UserException(
                $"{options.Data}: holds {images.Count} images, fewer than a batch of {options.Batch}; give --batch {images.Count} or less");
        if (processes is not null)
        {
            BatchDeal.Check(options.Batch, options.Method.NormGroups, processes.Size);
            ProcessAgreement.Check(options, processes);
        }
        Groups = new(space, options.Size);
        if (options.Method.Learning is { } learning) heldOut = new(learning, images.Count, options.Batch, options.Seed);
        stepsPerEpoch = (heldOut?.Trained.Length ?? images.Count) / options.Batch;
        Steps = (long)stepsPerEpoch * options.Epochs;
        // Before the memory for the networks is taken: those of another run may be of any size.
        if (IsFirst) checkpoints.LoadNewest(path => MustBeOfThisRun(path, Checkpoint.Facts(path, space)).Step, _ => { });
        Model = new(space, options.Method, device, options.Compute.Scalar(), options.Seed, processes, options.Size);
        try
        {
            if (IsFirst && checkpoints.LoadNewest(Continue, observer.Notice) is { } step) Step = step;
            else if (IsFirst && options.From is not null) Model.StartFrom(start!);
            if (processes is not null) Step = ProcessAgreement.Share(Model, Step, processes);
            // Before what takes long: a run that is ended meanwhile can be resumed.
            if (IsFirst) SealedJson.Write(Path.Combine(folder, OptionsFile), options.ToJson());
            if (options.Teacher is { } origin)
                foreign = ForeignTargets.Create(origin, teacher!, images, device, folder, processes, IsFirst ? observer.Notice : _ => { });
        }
        catch
        {
            Model.Dispose();
            throw;
        }
    }

    /// <summary>What is trained, with all that a step changes.</summary>
    public Pretraining Model { get; }

    /// <summary>The sizes that subnets are told apart by.</summary>
    public SizeGroups Groups { get; }

    /// <summary>Steps done.</summary>
    public long Step { get; private set; }

    /// <summary>Steps in all.</summary>
    public long Steps { get; }

    /// <inheritdoc cref="ForeignTargets.Seconds"/>
    public double? TeacherSeconds => foreign?.Seconds;

    /// <summary>
    /// The likeliest architecture within the budget, where one is learnt; null where none is learnt, or none within the budget was found.
    /// </summary>
    public LikeliestArchitecture? Learnt => Model.Learner is { } learner
        ? LikeliestArchitecture.Within(
            Model.Networks.Space, learner.Choices.Probabilities, options.Method.Learning!.Limits, options.Size)
        : null;

    /// <summary>Path of the newest checkpoint, whether or not there is one yet.</summary>
    public string CheckpointPath => checkpoints.Newest;

    /// <summary>Whether this process writes, reports and evaluates.</summary>
    private bool IsFirst => processes is null or { Rank: 0 };

    /// <summary>
    /// Trains to the end, or until cancelled (of several processes: any one); both ways the checkpoint is of the last step.
    /// </summary>
    /// <exception cref="DivergedException">The loss became infinite or NaN; the checkpoint stays as it was before.</exception>
    /// <exception cref="ProcessGroupException">Another process is gone; the checkpoint stays as it was before.</exception>
    public void Run(RunSchedule schedule, CancellationToken cancellation = default)
    {
        try
        {
            RunSteps(schedule, cancellation);
        }
        catch (ProcessGroupException e) when (processes is not null)
        {
            var left = File.Exists(CheckpointPath)
                ? "the last checkpoint is whole: start all processes again with --resume"
                : "no checkpoint was saved yet: start all processes again";
            throw new ProcessGroupException(
                $"process {processes.Rank}, step {Step + 1}: another process has ended; {left} ({e.Message})", e);
        }
    }

    private void RunSteps(RunSchedule schedule, CancellationToken cancellation)
    {
        using var window = new ProgressWindow(Groups, Model.Networks.Largest);
        var sinceSave = Stopwatch.StartNew();
        var (method, seed, deal, indices, ofTeacher) = (options.Method, (ulong)options.Seed, Model.Deal, Dealer(), Dealer());
        using var stream = new ViewStream(
            images, method.Views, seed, step => deal.Queries(indices(step)), Step, Steps, device,
            keys: method.Objective.HasTeacher ? step => deal.Keys(indices(step)) : null);
        using var held = heldOut is null ? null : HeldOutViews(method, deal, seed);
        var stopped = false;
        while (Step < Steps && !(stopped = IsStopped(cancellation)))
        {
            using (NewDisposeScope())
            {
                window.Data.Start();
                var views = stream.Next();
                window.Data.Stop();
                var at = At(Step);
                var said = Said(deal.Queries(ofTeacher(Step)), views);
                if (held is not null && method.Learning!.UpdatesAt(Step, Steps))
                {
                    window.Data.Start();
                    var judging = held.Next();
                    window.Data.Stop();
                    var ofHeld = Said(deal.Queries(heldOut!.Of(method.Learning.UpdatesBefore(Step, Steps), options.Batch)), judging);
                    Model.Learner!.Update(new(judging, ofHeld ?? []), new(views, said ?? []), at, options.RateAt(at));
                }
                var omega = Model.Students(at);
                window.Add(Model.Step(views, omega, at, options.RateAt(at), said).DetachFromDisposeScope(), omega);
            }
            Step++;
            if (!IsFirst) continue;
            if (Step < Steps && Step == method.StepsOfMaxAlone(Steps))
                observer.Notice($"step {Step}: Max has trained alone; from here on its subnets join, and a step takes longer");
            if (Step == Steps || window.Elapsed >= schedule.ReportEvery) Report(window);
            if (Step % stepsPerEpoch == 0) EndEpoch((int)(Step / stepsPerEpoch), schedule.EvaluateEvery);
            if (Step < Steps && sinceSave.Elapsed < schedule.SaveEvery) continue;
            Save(window);
            sinceSave.Restart();
        }
        if (stopped && IsFirst) Save(window);
    }

    /// <summary>What a foreign teacher says of this process's images; null where there is none.</summary>
    private IReadOnlyList<ForeignOutput?>? Said(int[] queries, ViewBatch views) => foreign?.Of(
        queries, views, options.Method.Views, withMaps: options.Method.Objective is DistillOptions { SpatialWeight: > 0 });

    /// <summary>The views that probabilities are judged on, update after update.</summary>
    private ViewStream HeldOutViews(Method method, BatchDeal deal, ulong seed)
    {
        var learning = method.Learning!;
        return new(
            images, method.Views, seed, update => deal.Queries(heldOut!.Of(update, options.Batch)), learning.UpdatesBefore(Step, Steps),
            learning.UpdatesBefore(Steps, Steps), device,
            keys: method.Objective.HasTeacher ? update => deal.Keys(heldOut!.Of(update, options.Batch)) : null);
    }

    /// <summary>Tells the images of a step; for one thread, since it keeps the order of the present epoch.</summary>
    private Func<long, int[]> Dealer()
    {
        var (order, orderEpoch) = (Array.Empty<int>(), -1L);
        return step =>
        {
            var epoch = step / stepsPerEpoch;
            if (epoch != orderEpoch) (order, orderEpoch) = (Order(epoch), epoch);
            return order.AsSpan((int)(step % stepsPerEpoch) * options.Batch, options.Batch).ToArray();
        };
    }

    /// <summary>Whether the run is to stop before the next step.</summary>
    private bool IsStopped(CancellationToken cancellation) =>
        processes?.Any(cancellation.IsCancellationRequested) ?? cancellation.IsCancellationRequested;

    /// <summary>Writes the checkpoint.</summary>
    /// <exception cref="DivergedException">A weight is infinite or NaN: the loss only shows that a step later. The checkpoint
    /// before stays.</exception>
    public void Save()
    {
        if (!AreWeightsFinite()) throw Diverged();
        checkpoints.Save(Model, options, Step);
    }

    private void Save(ProgressWindow window)
    {
        FiniteMeans(window);
        Save();
    }

    private double[] FiniteMeans(ProgressWindow window) =>
        window.Means() is var means && means.All(double.IsFinite) ? means : throw Diverged();

    private void Report(ProgressWindow window)
    {
        var losses = FiniteMeans(window);
        var seconds = window.Elapsed.TotalSeconds;
        var (epoch, spread, information) = ((int)((Step - 1) / stepsPerEpoch) + 1, Model.Spread, Model.Information);
        observer.Report(new(
            Step, Steps, epoch, options.Epochs, losses, window.LargestMean(), window.GroupMeans(), spread, information,
            options.RateAt(At(Step - 1)), window.Steps * options.Batch / seconds,
            window.Data.Elapsed.TotalSeconds / seconds, Environment.WorkingSet,
            TimeSpan.FromSeconds(RemainingSteps() * seconds / window.Steps))
        {
            Architecture = Model.Learner is { } learner
                ? ArchitectureProgress.Of(Model.Networks.Space, learner.Choices, learner.Costs, learner.HeldOutLoss)
                : null,
        });
        window.Reset();
        WatchCollapse(spread, information);
        WatchChoices();
    }

    /// <summary>Steps to the end, counted in such as were done last: those after Max's own take longer.</summary>
    private double RemainingSteps()
    {
        var ofMax = Math.Max(0, options.Method.StepsOfMaxAlone(Steps) - Step);
        return ofMax + ((Steps - Step - ofMax) * (ofMax > 0 ? CostOfJoining() : 1));
    }

    /// <summary>What a step of all students costs, in steps of Max alone.</summary>
    private double CostOfJoining()
    {
        return Of(0) / Of(1);

        double Of(double maxFirst) => (options.Method with { MaxFirst = maxFirst }).MacsPerImage(Model.Networks.Space, (ulong)options.Seed);
    }

    private void WatchCollapse(double? spread, double? information)
    {
        if (collapsed || (spread is not < CollapsedSpread && information is not < CollapsedInformation)) return;
        collapsed = true;
        var what = spread < CollapsedSpread
            ? FormattableString.Invariant($"features (spread {spread:0.000} of 1)")
            : FormattableString.Invariant($"outputs (information {information:0.000} of 1)");
        observer.Notice(
            $"step {Step}: all images have nearly the same {what}: training has collapsed; start again with half the --rate{(Model.Networks.HasTeacher ? ", or a larger --teacher-momentum" : "")}");
    }

    private void WatchChoices()
    {
        if (fallen || Model.Learner is not { } learner) return;
        var p = learner.Choices.Probabilities;
        if (FallenChoices.Of(Model.Networks.Space, p, learner.Costs.IsNear(p)) is not { } what) return;
        fallen = true;
        observer.Notice(
            $"step {Step}: {what}, which no budget asks for: what is small learns fastest, and choices that are made early favour it; start again with a longer --alpha-warmup, or a smaller --alpha-rate");
    }

    private void EndEpoch(int epoch, int every)
    {
        if (every == 0 || epoch % every != 0) return;
        if (!AreWeightsFinite()) throw Diverged();
        if (observer.Evaluate(epoch) is { } score) checkpoints.SaveIfBest(Model, options, Step, score);
    }

    /// <summary>The images of an epoch in their order: a pure function of seed and epoch.</summary>
    public int[] Order(long epoch)
    {
        var random = CounterRandom.For((ulong)options.Seed, "order", epoch);
        return heldOut is { Trained: var trained }
            ? Array.ConvertAll(random.Permutation(trained.Length), place => trained[place])
            : random.Permutation(images.Count);
    }

    /// <summary>What the schedules of a step depend on.</summary>
    private RunPosition At(long step) => new(step, Steps, stepsPerEpoch);

    /// <summary>Loads a checkpoint and returns the steps done; the same folder of images may meanwhile lie elsewhere.</summary>
    private long Continue(string path)
    {
        var saved = MustBeOfThisRun(path, Checkpoint.LoadRun(path, Model));
        if (saved.Options.Epochs < options.Epochs) TellOfMoreEpochs(saved);
        if (saved.Step > Steps) throw new DamagedFileException($"{path}: after step {saved.Step} of a run of {Steps}; the file is damaged");
        if (saved.Machine is { } before && Checkpoint.Machine(Model) is var now && before != now)
            observer.Notice(
                $"saved on {before}; here: {now}. Sums are rounded in another order, so the last digits may differ from those of an uninterrupted run");
        return saved.Step;
    }

    /// <summary>More epochs may have been asked for since; fewer would be another run.</summary>
    private CheckpointFacts MustBeOfThisRun(string path, CheckpointFacts saved) =>
        saved.Options with { Data = options.Data, Epochs = options.Epochs } == options && saved.Options.Epochs <= options.Epochs ? saved
            : throw new UserException(
                $"{path}: made with other settings than those of {OptionsFile}; put back the file that it was made with, or train into another folder");

    /// <summary>A longer run's schedules are stretched: at the same step they stand elsewhere.</summary>
    private void TellOfMoreEpochs(CheckpointFacts saved)
    {
        var before = saved.Options.RateAt(new(Math.Max(0, saved.Step - 1), (long)stepsPerEpoch * saved.Options.Epochs, stepsPerEpoch));
        observer.Notice(FormattableString.Invariant(
            $"{options.Epochs} epochs in the place of {saved.Options.Epochs}: from step {saved.Step + 1} on all schedules are those of the longer run; the rate goes from {before:g3} to {options.RateAt(At(saved.Step)):g3}, and ends at {options.FinalRate:g3} after step {Steps}"));
    }

    private bool AreWeightsFinite()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        return Model.Networks.StudentWeights.Values.isfinite().all().item<bool>();
    }

    private DivergedException Diverged() => new(
        $"training diverged before step {Step} (the loss or a weight is not finite): lower --rate{(File.Exists(CheckpointPath) ? "; the checkpoint is from before" : "")}");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreign?.Dispose();
        Model.Dispose();
    }
}
