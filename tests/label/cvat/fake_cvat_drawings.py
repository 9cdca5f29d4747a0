"""What is drawn on the photos of the fake CVAT server, and the rules for it."""

import copy
import io
import re

from PIL import Image, ImageOps

from tests.label.cvat.fake_cvat_refusal import Refusal

SHAPES = ("rectangle", "polygon", "polyline", "points", "ellipse", "cuboid", "mask", "skeleton")


def upright_size(data):
    """Width and height of a photo as CVAT shows it: turned by its EXIF."""
    return ImageOps.exif_transpose(Image.open(io.BytesIO(data))).size


class Drawings:
    """The part of State that keeps annotations and remarks."""

    def annotations(self, jobs):
        kinds = ("shapes", "tracks", "tags")
        drawn = {kind: [one for job in jobs for one in self.drawn[job["id"]][kind]] for kind in kinds}
        for entries in drawn.values():  # the real one sorts by frame and by nothing else
            entries.sort(key=lambda one: (one["frame"], one["id"] * 37 % 101))
        return {"version": 1} | drawn

    def annotate(self, user, jobs, action, content):
        if action in ("update", "delete"):
            return self._change(user, jobs, action, content)
        if action not in ("create", "replace"):
            raise Refusal(400, f"action {action} is none that this server knows")
        new = {job["id"]: {"shapes": [], "tracks": [], "tags": []} for job in jobs}
        for kind in ("shapes", "tracks", "tags"):
            for entry in content.get(kind, []):
                job = self._job_of(jobs, entry)
                self._check(job, kind, entry)
                new[job["id"]][kind].append(self._filled(entry) | {"id": self.id()})
        for job in jobs:  # all is right: now, and only now, it counts
            drawn = self.drawn[job["id"]]
            for kind in drawn:
                drawn[kind] = (drawn[kind] if action == "create" else []) + new[job["id"]][kind]
            job["updated_date"] = self.now()
        return self.annotations(jobs)

    def _change(self, user, jobs, action, content):
        """What the UI saves: shapes by id taken out; changed ones come back as new ones, at the end, with new ids."""
        for kind in ("shapes", "tracks", "tags"):
            lists = [self.drawn[job["id"]][kind] for job in jobs]
            for entry in content.get(kind, []):
                if not any(one["id"] == entry.get("id") for entries in lists for one in entries):
                    raise Refusal(400, f"no {kind} with the id {entry.get('id')}")
                for entries in lists:
                    entries[:] = [one for one in entries if one["id"] != entry["id"]]
        return self.annotate(user, jobs, "create", content) if action == "update" else self.annotations(jobs)

    def _filled(self, entry):
        """With what the server puts where nothing is said."""
        label = next(one for one in self.labels if one["id"] == entry["label_id"])
        given = {value["spec_id"]: value["value"] for value in entry.get("attributes", [])}
        values = {spec["id"]: given.get(spec["id"], spec["default_value"]) for spec in label["attributes"]}
        attributes = [{"spec_id": spec, "value": value} for spec, value in values.items()]
        rest = {"source": "manual", "score": 1.0, "group": 0, "occluded": False, "rotation": 0.0}
        return rest | copy.deepcopy(entry) | {"attributes": attributes}

    @staticmethod
    def _job_of(jobs, entry):
        for job in jobs:
            if job["type"] == "annotation" and job["start_frame"] <= entry["frame"] <= job["stop_frame"]:
                return job
        if len(jobs) == 1:
            return jobs[0]
        raise Refusal(400, f"frame {entry['frame']} is in no job")

    def _check(self, job, kind, entry):
        label = next((one for one in self.labels if one["id"] == entry["label_id"]), None)
        if label is None or label["project_id"] != job["project_id"]:
            raise Refusal(400, f"label_id {entry['label_id']} is not one of this task's")
        specs = {attribute["id"]: attribute for attribute in label["attributes"]}
        for value in entry.get("attributes", []):
            spec = specs.get(value["spec_id"])
            if spec is None:
                raise Refusal(400, f"spec_id {value['spec_id']} is not one of label {label['name']}")
            self._check_value(spec, value["value"])
        if kind != "shapes":
            return
        if entry["type"] not in SHAPES or label["type"] not in ("any", entry["type"]):
            raise Refusal(400, f"a {entry['type']} cannot have the label {label['name']}")
        points, name = entry["points"], self.frames[job["task_id"]][entry["frame"]]
        width, height = upright_size(name[1])
        if entry["type"] == "polygon" and (len(points) < 6 or len(points) % 2):
            raise Refusal(400, "a polygon has at least 3 points")
        if entry["type"] == "rectangle" and len(points) != 4:
            raise Refusal(400, "a rectangle has 2 points")
        if entry["type"] == "mask":
            *runs, left, top, right, bottom = points
            fits = 0 <= left <= right < width and 0 <= top <= bottom < height
            if not fits or sum(runs) != (right - left + 1) * (bottom - top + 1):
                raise Refusal(400, "a mask's run lengths must fill its box, which must fit the frame")

    @staticmethod
    def _check_value(spec, value):
        kind, values = spec["input_type"], spec["values"]
        good = {
            "checkbox": lambda: value in ("true", "false"),
            "select": lambda: value in values,
            "radio": lambda: value in values,
            "number": lambda: re.fullmatch(r"-?\d+", value) and int(values[0]) <= int(value) <= int(values[1]),
            "text": lambda: True,
        }[kind]()
        if not good:
            raise Refusal(400, f"{value!r} is no value of the attribute {spec['name']}")

    def create_issue(self, user, content):
        job, position = self.job(content["job"]), content["position"]
        if not job["start_frame"] <= content["frame"] <= job["stop_frame"] or len(position) < 2 or len(position) % 2:
            raise Refusal(400, {"position": ["is none on a frame of the job"]})
        issue = {"id": self.id(), "job_id": job["id"], "owner": user.json(), "resolved": False}
        self.issues.append(issue | {key: content[key] for key in ("job", "frame", "position")})
        self.messages.append(content["message"])
        return self.issues[-1]
