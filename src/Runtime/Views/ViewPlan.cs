using System.Globalization;
using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Views;

/// <summary>
/// The views that are made of each image in a step, and which pairs of them enter the loss with which weight. Plans that say the same are
/// equal.
/// </summary>
/// <param name="Name">Names it in messages and runs.</param>
/// <param name="Views">The views; the number of one is part of what its draws depend on.</param>
/// <param name="Terms">The pairs.</param>
public sealed partial record ViewPlan(string Name, IReadOnlyList<PlannedView> Views, IReadOnlyList<ViewTerm> Terms)
{
    private const double WeightTolerance = 1e-9;

    /// <summary>Pixels of all views of an image, which is what making them and computing on them costs.</summary>
    public long Pixels => Views.Sum(view => (long)view.Recipe.Size * view.Recipe.Size);

    /// <inheritdoc/>
    public bool Equals(ViewPlan? other) =>
        ReferenceEquals(this, other)
            || (other is not null && Name == other.Name && Views.SequenceEqual(other.Views) && Terms.SequenceEqual(other.Terms));

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Name);
        foreach (var view in Views) hash.Add(view);
        foreach (var term in Terms) hash.Add(term);
        return hash.ToHashCode();
    }

    /// <summary>The plan for pixels of some format: every recipe as <see cref="ViewRecipe.For"/> has it.</summary>
    public ViewPlan For(PixelRule pixels) => pixels.IsImageNet
        ? this
        : this with { Views = [.. Views.Select(view => view with { Recipe = view.Recipe.For(pixels) })] };

    /// <summary>Refuses what no step can be made of.</summary>
    /// <exception cref="UserException">A recipe is out of bounds, a name is given twice, a term names no view or one that its network does
    /// not see, a view enters no term, or the weights do not sum to 1.</exception>
    public void Check()
    {
        Require(Views.Count > 0 && Terms.Count > 0, "needs at least one view and one term");
        Require(
            Views.Count <= ViewBounds.Most && Terms.Count <= ViewBounds.Most * ViewBounds.Most,
            $"has more than {ViewBounds.Most} views, or more terms than they have pairs");
        // Of what a file may say, this alone its reader does not see.
        Require(Views.All(view => view is not null) && Terms.All(term => term is not null), "a view or a term is null");
        Require(Views.Select(view => view.Name).Distinct().Count() == Views.Count, "two views have the same name");
        Require(Terms.Select(term => (term.Target, term.Prediction)).Distinct().Count() == Terms.Count, "two terms compare the same views");
        foreach (var term in Terms) Check(term);
        for (var i = 0; i < Views.Count; i++) Check(Views[i], i);
        var sum = Terms.Sum(term => term.Weight);
        Require(
            Math.Abs(sum - 1) <= WeightTolerance,
            string.Create(CultureInfo.InvariantCulture, $"the weights of the terms sum to {sum}, not to 1"));
    }

    private void Check(ViewTerm term)
    {
        foreach (var view in new[] { term.Target, term.Prediction })
            Require(view >= 0 && view < Views.Count, $"a term names view {view}; the views are 0 to {Views.Count - 1}");
        // A single view has no other: its target is of the image itself.
        Require(term.Target != term.Prediction || Views.Count == 1, $"a term compares view {term.Target} with itself");
        var prediction = Views[term.Prediction];
        Require(
            prediction.Roles.HasFlag(ViewRoles.Student),
            $"a term needs the student's output on view '{prediction.Name}', which the student does not see");
        Require(
            double.IsFinite(term.Weight) && term.Weight > 0,
            string.Create(
                CultureInfo.InvariantCulture, $"the weight {term.Weight} of views {term.Target} and {term.Prediction} must be positive"));
    }

    private void Check(PlannedView view, int index)
    {
        view.Recipe.Check($"view plan {Name}: view '{view.Name}'");
        Require(view.Roles is > 0 and <= (ViewRoles.Student | ViewRoles.Teacher), $"view '{view.Name}' is shown to no network");
        Require(Terms.Any(term => term.Target == index || term.Prediction == index), $"view '{view.Name}' enters no term");
        Require(
            !view.Roles.HasFlag(ViewRoles.Teacher) || Terms.Any(term => term.Target == index),
            $"view '{view.Name}' is shown to the teacher, but is the target of no term");
    }

    private void Require(bool holds, string message)
    {
        if (!holds) throw new UserException($"view plan {Name}: {message}");
    }
}

/// <summary>The networks that a view is shown to.</summary>
[Flags]
public enum ViewRoles
{
    /// <summary>The network that is trained.</summary>
    Student = 1,

    /// <summary>The network that follows it and gives the targets.</summary>
    Teacher = 2,
}

/// <summary>One view of each image; a local crop is a view with a smaller size and a smaller area.</summary>
/// <param name="Name">Names it in messages.</param>
/// <param name="Recipe">How it is made.</param>
/// <param name="Roles">Who sees it; nothing is made for the others.</param>
public sealed record PlannedView(string Name, ViewRecipe Recipe, ViewRoles Roles);

/// <summary>A pair of views in the loss: what the student makes of one is compared with the target made from another.</summary>
/// <param name="Target">The number of the view that the target is made from: by the teacher where it sees it, otherwise by the
/// student.</param>
/// <param name="Prediction">The number of the view that the student sees.</param>
/// <param name="Weight">The pair's share of the loss; those of a plan sum to 1.</param>
public sealed record ViewTerm(int Target, int Prediction, double Weight);
