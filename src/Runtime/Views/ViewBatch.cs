using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>
/// The views of a batch that a plan asks for: each [N, C, S, S] with its view's own S, float32 with channels-last strides, the same image
/// at the same place in all that one network sees.
/// </summary>
public sealed class ViewBatch : IDisposable
{
    private readonly ViewPlan plan;
    private readonly Tensor[] tensors;

    /// <param name="plan">The plan.</param>
    /// <param name="parts">What is made, of <see cref="ViewPart.Of"/>.</param>
    /// <param name="tensors">One for each part, outside any dispose scope.</param>
    internal ViewBatch(ViewPlan plan, ViewPart[] parts, Tensor[] tensors) => (this.plan, Parts, this.tensors) = (plan, parts, tensors);

    /// <summary>What is made.</summary>
    internal ViewPart[] Parts { get; }

    /// <summary>What each part came to.</summary>
    internal IReadOnlyList<Tensor> Tensors => tensors;

    /// <summary>A batch of views that are there already, the same for both networks; it disposes them.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="views">Each view of the same images, [N, C, S, S].</param>
    public static ViewBatch Of(ViewPlan plan, params Tensor[] views) => new(plan, ViewPart.Of(plan, dealt: false), views);

    /// <summary>The student's part of a view, [N, C, S, S].</summary>
    /// <exception cref="ArgumentException">The plan does not show the student this view.</exception>
    public Tensor Student(int view) => Of(view, ViewRoles.Student);

    /// <summary>The teacher's part of a view, [N, C, S, S]: the student's tensor where it sees the view of the same images.</summary>
    /// <exception cref="ArgumentException">The plan does not show the teacher this view.</exception>
    public Tensor Teacher(int view) => Of(view, ViewRoles.Teacher);

    private Tensor Of(int view, ViewRoles role)
    {
        var part = Array.FindIndex(Parts, part => part.View == view && part.Roles.HasFlag(role));
        return part >= 0
            ? tensors[part]
            : throw new ArgumentException(
                $"view plan {plan.Name}: view {view} is not shown to the {role.ToString().ToLowerInvariant()}", nameof(view));
    }

    /// <summary>Room for the views of <paramref name="count"/> images on the CPU, outside any dispose scope.</summary>
    internal static ViewBatch Allocate(ViewPlan plan, ViewPart[] parts, int count)
    {
        return new(plan, parts, Array.ConvertAll(parts, part => Room(plan.Views[part.View].Recipe)));

        Tensor Room(ViewRecipe recipe)
        {
            using var scope = NewDisposeScope();
            return empty([count, recipe.Size, recipe.Size, recipe.Mean.Count], dtype: ScalarType.Float32).permute(0, 3, 1, 2)
                .DetachFromDisposeScope();
        }
    }

    /// <summary>Whether the same tensors would be allocated.</summary>
    internal bool Fits(ViewPlan other, ViewPart[] parts, int count) =>
        plan.Equals(other) && Parts.AsSpan().SequenceEqual(parts) && tensors[0].shape[0] == count;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in tensors) tensor.Dispose();
    }
}

/// <summary>One tensor of a <see cref="ViewBatch"/>: a view, for one network or, where both see the same images, for both.</summary>
internal readonly record struct ViewPart(int View, ViewRoles Roles)
{
    /// <summary>What a plan needs.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="dealt">Whether the teacher sees other images than the student; its parts come last, so that an image is decoded once
    /// for all its views.</param>
    public static ViewPart[] Of(ViewPlan plan, bool dealt)
    {
        var views = Enumerable.Range(0, plan.Views.Count);
        return dealt
            ? [.. For(ViewRoles.Student), .. For(ViewRoles.Teacher)]
            : [.. views.Select(view => new ViewPart(view, plan.Views[view].Roles))];

        IEnumerable<ViewPart> For(ViewRoles role) =>
            views.Where(view => plan.Views[view].Roles.HasFlag(role)).Select(view => new ViewPart(view, role));
    }

    /// <summary>The images that it shows.</summary>
    public int[] Images(int[] students, int[] teachers) => Roles.HasFlag(ViewRoles.Student) ? students : teachers;
}
