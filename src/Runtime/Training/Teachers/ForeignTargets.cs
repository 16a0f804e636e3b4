using System.Diagnostics;
using System.Globalization;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training.Teachers;

/// <summary>
/// What a foreign teacher says in each step. Of images as they are that is computed before training, once: the embeddings lie in the run's
/// folder, so that a run that goes on has the same to the bit and needs the teacher no more. Of views it is computed as they come.
/// </summary>
/// <remarks>
/// What all images have in common is taken out: embeddings are less their mean, and of length 1 again. Features behind a ReLU all point the
/// same way (the mean cosine of two images is 0.4 for ImageNet's ResNet18), and a student learns that first and the images' differences
/// late.
/// </remarks>
internal sealed class ForeignTargets : IDisposable
{
    /// <summary>The file of the embeddings in a run's folder.</summary>
    public const string FileName = "teacher.safetensors";

    private const string Name = "embeddings";

    private readonly Tensor? table;
    private readonly ForeignTeacher? teacher;

    /// <summary>[1, D]: of all images where they are shown as they are, otherwise of those that BatchNorm is calibrated with.</summary>
    private readonly Tensor centre;

    private ForeignTargets(Tensor? table, ForeignTeacher? teacher, Tensor centre) =>
        (this.table, this.teacher, this.centre) = (table, teacher, centre);

    /// <summary>
    /// Seconds that the teacher takes for all images before training, of a trial reckoned from some; null where they were kept, or are
    /// none.
    /// </summary>
    public double? Seconds { get; private init; }

    /// <summary>Reads or computes what there is to know before the first step.</summary>
    /// <param name="origin">The teacher.</param>
    /// <param name="source">How to come by it.</param>
    /// <param name="images">The run's images.</param>
    /// <param name="folder">The run's.</param>
    /// <param name="processes">That train together: the first reads and writes the folder, and each computes a share.</param>
    /// <param name="notice">Told what takes time.</param>
    /// <exception cref="UserException">The teacher cannot be read, or an embedding is not finite.</exception>
    public static ForeignTargets Create(
        TeacherOrigin origin, TeacherSource source, ImageStore images, Device device, string folder, ProcessGroup? processes,
        Action<string> notice)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        if (origin.Views == TeacherViews.Same)
        {
            var teacher = source.Open();
            Prepare(teacher, images, device);
            using var some = cat([.. Calibration(images, teacher.Size, device).Select(batch => teacher.Embed(batch).Embedding)], 0);
            ForeignTeacher.MustTellApart(some, origin.Weights);
            return new(null, teacher, Centre(some));
        }
        var path = Path.Combine(folder, FileName);
        var of = FormattableString.Invariant($"{origin.Hash} {origin.Architecture} {origin.Size} px of {images.Fingerprint}");
        var isFirst = processes is not { Rank: > 0 };
        var known = isFirst ? Kept(path, of, [images.Count, origin.Dimension], notice) : null;
        var isKept = processes?.Any(known is not null) ?? known is not null;
        double? seconds = null;
        if (!isKept)
        {
            (known, seconds) = Compute(origin, source, images, device, processes, notice);
            if (isFirst) SafeTensors.Write(path, [(Name, known)], new Dictionary<string, string> { ["of"] = of });
        }
        var table = (known ?? zeros([images.Count, origin.Dimension])).to(device);
        if (isKept) processes?.Broadcast(table);
        return new(table.DetachFromDisposeScope(), null, Centre(table)) { Seconds = seconds };
    }

    private static Tensor Centre(Tensor embeddings) => embeddings.mean([0], keepdim: true).DetachFromDisposeScope();

    /// <summary>Unit vectors [N, D] less the centre, of length 1 again.</summary>
    private Tensor Centred(Tensor embeddings) => nn.functional.normalize(embeddings - centre, dim: 1);

    /// <summary>What is to be said of this process's images in a step, by view; the caller's dispose scope owns it.</summary>
    /// <param name="queries">Their numbers.</param>
    /// <param name="views">Their views.</param>
    /// <param name="plan">Of the views.</param>
    /// <param name="withMaps">Whether maps are wanted.</param>
    public IReadOnlyList<ForeignOutput?> Of(int[] queries, ViewBatch views, ViewPlan plan, bool withMaps)
    {
        using var grad = no_grad();
        var clean = table is null ? null : Clean();
        return
        [
            .. plan.Views.Select(
                (view, i) =>
                    !view.Roles.HasFlag(ViewRoles.Student)
                        ? null
                        : clean is not null
                        ? new ForeignOutput(clean)
                        : Of(views.Student(i), withMaps)),
        ];

        Tensor Clean()
        {
            using var scope = NewDisposeScope();
            return Centred(table.index_select(0, tensor(Array.ConvertAll(queries, image => (long)image), device: table.device)))
                .MoveToOuterDisposeScope();
        }
    }

    private ForeignOutput Of(Tensor view, bool withMaps)
    {
        using var scope = NewDisposeScope();
        var (embedding, map) = teacher!.Embed(ViewResize.To(view, teacher.Size), withMaps);
        return new(Centred(embedding).MoveToOuterDisposeScope(), map?.MoveToOuterDisposeScope());
    }

    private static void Prepare(ForeignTeacher teacher, ImageStore images, Device device) =>
        teacher.Prepare(Calibration(images, teacher.Size, device));

    private static IEnumerable<Tensor> Calibration(ImageStore images, int size, Device device) =>
        new EvaluationImages(images, size, device).CalibrationBatches(CalibrationDraw.Default);

    /// <summary>The embeddings of a run's folder; null where there are none, or they are damaged or others.</summary>
    private static Tensor? Kept(string path, string of, long[] shape, Action<string> notice)
    {
        if (!File.Exists(path)) return null;
        try
        {
            if (SafeTensors.ReadMetadata(path).GetValueOrDefault("of") != of) return null;
            var kept = empty(shape, dtype: ScalarType.Float32);
            SafeTensors.ReadInto(path, new Dictionary<string, Tensor> { [Name] = kept });
            return kept;
        }
        catch (DamagedFileException e)
        {
            notice($"{e.Message}: the teacher's embeddings are computed anew");
            return null;
        }
    }

    /// <summary>
    /// Unit embeddings of all images, [N, D], and the seconds that they take. Batches are the same whatever the number of processes, and
    /// each is computed by one of them.
    /// </summary>
    private static (Tensor Table, double Seconds) Compute(
        TeacherOrigin origin, TeacherSource source, ImageStore images, Device device, ProcessGroup? processes, Action<string> notice)
    {
        using var scope = NewDisposeScope();
        var before = Stopwatch.StartNew();
        using var teacher = source.Open();
        var store = source.Images(origin.Size);
        if (store.Fingerprint != images.Fingerprint)
            throw new UserException($"{images.Source.Root}: its images changed while they were read; start again");
        Prepare(teacher, store, device);
        var count = Math.Min(store.Count, source.Most ?? store.Count);
        notice(string.Create(CultureInfo.InvariantCulture, $"teacher: embedding {count:N0} images at {origin.Size} px, once"));
        before.Stop();
        var (table, watch) = (zeros([store.Count, origin.Dimension], device: device), Stopwatch.StartNew());
        var told = watch.Elapsed;
        for (var (first, batch) = (0, 0); first < count; first += ForeignTeacher.Batch, batch++)
        {
            if (batch % (processes?.Size ?? 1) != (processes?.Rank ?? 0)) continue;
            using var inner = NewDisposeScope();
            int[] some = [.. Enumerable.Range(first, Math.Min(ForeignTeacher.Batch, count - first))];
            var (embedding, _) = teacher.Embed(ViewMaker.Make(store, some, ViewRecipe.CenterCrop(origin.Size), 0, 0, 0, device));
            table.narrow(0, first, some.Length).copy_(embedding);
            if (watch.Elapsed - told < TimeSpan.FromSeconds(30)) continue;
            told = watch.Elapsed;
            var done = first + some.Length;
            notice(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"teacher: {done:N0} of {count:N0} images, {done / told.TotalSeconds:0} images/s, {told * ((double)(count - done) / done):hh\\:mm\\:ss} left"));
        }
        var seconds = before.Elapsed.TotalSeconds + watch.Elapsed.TotalSeconds * store.Count / count;
        // Each row is one process's, and zero in the others.
        processes?.AllReduce(table);
        if (count < store.Count) table.copy_(table.index_select(0, arange(store.Count, ScalarType.Int64, device).remainder(count)));
        using var finite = table.isfinite().all(1).cpu();
        var odd = Array.FindIndex(finite.data<bool>().ToArray(), isFinite => !isFinite);
        if (odd >= 0)
            throw new UserException(
                $"{origin.Weights}: its embedding of '{store.NameOf(odd)}' is not finite: a weight of it is not, or its values overflow; give another --teacher");
        ForeignTeacher.MustTellApart(table, origin.Weights);
        return (table.cpu().MoveToOuterDisposeScope(), seconds);
    }

    public void Dispose()
    {
        centre.Dispose();
        table?.Dispose();
        teacher?.Dispose();
    }
}
