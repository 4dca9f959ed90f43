-- The tables of a document management system, as Django makes them. The words
-- in braces are types, spelt for each kind of database by schema.go.
CREATE TABLE django_content_type (
    id {id},
    app_label varchar(100) NOT NULL,
    model varchar(100) NOT NULL,
    UNIQUE (app_label, model)
);

CREATE TABLE auth_permission (
    id {id},
    name varchar(255) NOT NULL,
    content_type_id bigint NOT NULL REFERENCES django_content_type (id) DEFERRABLE INITIALLY DEFERRED,
    codename varchar(100) NOT NULL,
    UNIQUE (content_type_id, codename)
);
CREATE INDEX auth_permission_content_type ON auth_permission (content_type_id);

CREATE TABLE auth_group (
    id {id},
    name varchar(150) NOT NULL UNIQUE
);

CREATE TABLE auth_group_permissions (
    id {id},
    group_id bigint NOT NULL REFERENCES auth_group (id) DEFERRABLE INITIALLY DEFERRED,
    permission_id bigint NOT NULL REFERENCES auth_permission (id) DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (group_id, permission_id)
);

CREATE TABLE users (
    id {id},
    uuid {uuid} NOT NULL UNIQUE,
    username varchar(150) NOT NULL UNIQUE,
    password varchar(128) NOT NULL,
    first_name varchar(150) NOT NULL,
    last_name varchar(150) NOT NULL,
    email varchar(254) NOT NULL,
    department varchar(100) NOT NULL,
    is_active {bool} NOT NULL,
    date_joined {time} NOT NULL
);

CREATE TABLE users_groups (
    id {id},
    user_id bigint NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    group_id bigint NOT NULL REFERENCES auth_group (id) DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (user_id, group_id)
);

CREATE TABLE roles (
    id {id},
    uuid {uuid} NOT NULL UNIQUE,
    name varchar(100) NOT NULL UNIQUE,
    description text NOT NULL,
    permissions {json} NOT NULL,
    created_at {time} NOT NULL
);

CREATE TABLE user_roles (
    id {id},
    user_id bigint NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    role_id bigint NOT NULL REFERENCES roles (id) DEFERRABLE INITIALLY DEFERRED,
    assigned_by_id bigint REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    assigned_at {time} NOT NULL,
    is_active {bool} NOT NULL,
    UNIQUE (user_id, role_id)
);
CREATE INDEX user_roles_user ON user_roles (user_id);
CREATE INDEX user_roles_role ON user_roles (role_id);

CREATE TABLE documents (
    id {id},
    uuid {uuid} NOT NULL UNIQUE,
    document_number varchar(50) NOT NULL UNIQUE,
    title varchar(200) NOT NULL,
    description text NOT NULL,
    status varchar(30) NOT NULL,
    version_major integer NOT NULL,
    author_id bigint NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    reviewer_id bigint REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    file_checksum varchar(64) NOT NULL,
    metadata {json} NOT NULL,
    created_at {time} NOT NULL,
    effective_date date
);
CREATE INDEX documents_author ON documents (author_id);
CREATE INDEX documents_status ON documents (status);

CREATE TABLE document_versions (
    id {id},
    uuid {uuid} NOT NULL UNIQUE,
    document_id bigint NOT NULL REFERENCES documents (id) DEFERRABLE INITIALLY DEFERRED,
    version varchar(20) NOT NULL,
    comment text NOT NULL,
    created_by_id bigint NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    file_checksum varchar(64) NOT NULL,
    file_size bigint NOT NULL,
    created_at {time} NOT NULL,
    UNIQUE (document_id, version)
);
CREATE INDEX document_versions_document ON document_versions (document_id);
CREATE INDEX document_versions_created_by ON document_versions (created_by_id);

CREATE TABLE document_access_logs (
    id {id},
    uuid {uuid} NOT NULL UNIQUE,
    document_id bigint NOT NULL REFERENCES documents (id) DEFERRABLE INITIALLY DEFERRED,
    user_id bigint NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    access_type varchar(20) NOT NULL,
    ip_address varchar(39) NOT NULL,
    user_agent text NOT NULL,
    accessed_at {time} NOT NULL,
    success {bool} NOT NULL
);
CREATE INDEX document_access_logs_document ON document_access_logs (document_id, accessed_at);
CREATE INDEX document_access_logs_user ON document_access_logs (user_id);

CREATE TABLE document_workflows (
    id {id},
    uuid {uuid} NOT NULL UNIQUE,
    document_id bigint NOT NULL UNIQUE REFERENCES documents (id) DEFERRABLE INITIALLY DEFERRED,
    workflow_type varchar(30) NOT NULL,
    state varchar(60) NOT NULL,
    initiated_by_id bigint NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    workflow_data {json} NOT NULL,
    created_at {time} NOT NULL
);
CREATE INDEX document_workflows_initiated_by ON document_workflows (initiated_by_id);

CREATE TABLE document_transitions (
    id {id},
    uuid {uuid} NOT NULL UNIQUE,
    workflow_id bigint NOT NULL REFERENCES document_workflows (id) DEFERRABLE INITIALLY DEFERRED,
    from_state varchar(30) NOT NULL,
    to_state varchar(30) NOT NULL,
    transitioned_by_id bigint NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    transitioned_at {time} NOT NULL,
    comment text NOT NULL,
    transition_data {json} NOT NULL
);
CREATE INDEX document_transitions_workflow ON document_transitions (workflow_id);
CREATE INDEX document_transitions_transitioned_by ON document_transitions (transitioned_by_id);

CREATE TABLE audit_trail (
    id {id},
    uuid {uuid} NOT NULL UNIQUE,
    "timestamp" {time} NOT NULL,
    action varchar(30) NOT NULL,
    severity varchar(10) NOT NULL,
    user_id bigint REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    user_display_name varchar(200) NOT NULL,
    session_id varchar(40),
    content_type_id bigint REFERENCES django_content_type (id) DEFERRABLE INITIALLY DEFERRED,
    object_id varchar(100),
    object_representation varchar(200) NOT NULL,
    field_changes {json} NOT NULL,
    description text NOT NULL,
    request_path varchar(500) NOT NULL,
    checksum varchar(64) NOT NULL,
    is_tampered {bool} NOT NULL
);
CREATE INDEX audit_trail_user ON audit_trail (user_id, "timestamp");
CREATE INDEX audit_trail_timestamp ON audit_trail ("timestamp");
CREATE INDEX audit_trail_object ON audit_trail (content_type_id, object_id);

CREATE TABLE database_change_log (
    id {id},
    uuid {uuid} NOT NULL UNIQUE,
    "timestamp" {time} NOT NULL,
    user_id bigint REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    content_type_id bigint NOT NULL REFERENCES django_content_type (id) DEFERRABLE INITIALLY DEFERRED,
    object_id varchar(100) NOT NULL,
    old_values {json} NOT NULL,
    new_values {json} NOT NULL,
    integrity_hash varchar(64) NOT NULL
);
CREATE INDEX database_change_log_object ON database_change_log (content_type_id, object_id);
CREATE INDEX database_change_log_user ON database_change_log (user_id);
